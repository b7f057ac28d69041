Feature: What is there leaves, the rest follows
  The state is per line; the order is done when all of it arrived.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Two now, one later
    Given 2 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is delivered
    Then 2 "MUG" of order "1001" are delivered
    And order "1001" is confirmed
    When the picker receives 1 "MUG" at "NORTH"
    And the picker releases a wave at "NORTH"
    And the picker picks order "1001"
    And the picker packs order "1001"
    And the picker ships order "1001"
    And the picker delivers order "1001"
    Then 3 "MUG" of order "1001" are delivered
    And order "1001" is closed

  Scenario: Nothing is promised, nothing is released
    Given order "1001" for 3 "MUG"
    When the picker releases a wave at "NORTH"
    Then it is refused: NOTHING_TO_RELEASE
