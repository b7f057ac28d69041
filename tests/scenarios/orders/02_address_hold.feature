# covers: 1.1c
Feature: An order without a street waits for somebody
  Typed holds with reason, actor, time and resolution.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Held, corrected, released
    When the shop places order "1001" for 1 "MUG" to an address without a street
    Then order "1001" is on hold
    And order "1001" has the hold "address" by the shop
    When the clerk releases order "1001": the buyer gave the street by phone
    Then order "1001" has no hold
    And order "1001" is confirmed
    And order "1001" was confirmed by the rule "on_account"

  Scenario: Released, and no rule accepts it
    When the shop places order "1002" for 500 "MUG"
    And the clerk releases order "1002": the buyer opens a café
    Then order "1002" is pending
    When the clerk confirms order "1002"
    Then order "1002" is confirmed

  Scenario: Nobody ships past a hold
    When the shop places order "1001" for 1 "MUG" to an address without a street
    And the clerk allocates order "1001"
    Then it is refused: ORDER_NOT_CONFIRMED
