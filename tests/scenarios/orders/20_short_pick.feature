Feature: A picker finds less than the system says
  The missing units are no longer offered, and somebody is to count.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Two of three found
    Given 5 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is released
    When the picker picks 2 of "MUG" for order "1001"
    Then 2 "MUG" of order "1001" are allocated
    And "NORTH" has 1 "MUG" in inspection
    And somebody is to count "MUG" at "NORTH"

  Scenario: More than was planned
    Given 5 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is released
    When the picker picks 4 of "MUG" for order "1001"
    Then it is refused: PICK_QUANTITY
