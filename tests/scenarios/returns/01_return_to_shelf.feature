# covers: 4.1b, 4.1c
Feature: A return goes back on the shelf
  Restock only on grade.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: Asked, approved, received, graded
    When the clerk asks to return 2 "MUG" of order "1001" as changed_mind.not_needed
    Then the return of order "1001" is requested
    When the clerk approves the return of order "1001" to "NORTH"
    And the picker takes 2 "MUG" of the return of order "1001" in at "NORTH"
    Then "NORTH" has 7 "MUG" on hand and 7 available
    And "NORTH" has 2 "MUG" in inspection
    When the picker grades 2 "MUG" of the return of order "1001" at "NORTH" as restock
    Then "NORTH" has 9 "MUG" on hand and 9 available
    And 2 "MUG" of order "1001" are restocked

  Scenario: A viewer grades nothing
    Given the clerk asks to return 2 "MUG" of order "1001" as changed_mind.not_needed
    And the clerk approves the return of order "1001" to "NORTH"
    And the picker takes 2 "MUG" of the return of order "1001" in at "NORTH"
    When the viewer grades 2 "MUG" of the return of order "1001" at "NORTH" as restock
    Then it is refused: NOT_PERMITTED
    And "NORTH" has 2 "MUG" in inspection
