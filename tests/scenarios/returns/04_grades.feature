# covers: 4.1c
Feature: What came back is looked at
  Restock, scrap or send back.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: One is fine, one is broken
    Given the clerk asks to return 2 "MUG" of order "1001" as faulty.broken
    And the clerk approves the return of order "1001" to "NORTH"
    And the picker takes 2 "MUG" of the return of order "1001" in at "NORTH"
    When the picker grades 1 "MUG" of the return of order "1001" at "NORTH" as restock
    And the picker grades 1 "MUG" of the return of order "1001" at "NORTH" as scrap
    Then "NORTH" has 8 "MUG" on hand and 8 available
    And 1 "MUG" of order "1001" are restocked
    And 1 "MUG" of order "1001" are written_off

  Scenario: More than came back
    Given the clerk asks to return 2 "MUG" of order "1001" as faulty.broken
    And the clerk approves the return of order "1001" to "NORTH"
    And the picker takes 1 "MUG" of the return of order "1001" in at "NORTH"
    When the picker grades 2 "MUG" of the return of order "1001" at "NORTH" as restock
    Then it is refused: GRADE_EXCEEDS_RECEIVED
