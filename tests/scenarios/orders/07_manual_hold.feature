# covers: 1.1c
Feature: A clerk stops an order and lets it go
  The hold says who, why and what came of it.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Held and released
    Given order "1001" for 1 "MUG"
    When the clerk holds order "1001" because of "fraud": the card owner asks who we are
    Then order "1001" is on hold
    And order "1001" has the hold "fraud" by the clerk
    When the clerk releases order "1001": the bank vouches for it
    Then order "1001" is confirmed

  Scenario: A hold without a kind that exists
    Given order "1001" for 1 "MUG"
    When the clerk holds order "1001" because of "mood": I do not like it
    Then it is refused: HOLD_UNKNOWN
