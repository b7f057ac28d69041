Feature: Another size instead
  An exchange is a return with an order of its own.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: A mug for a cup
    When the clerk asks to exchange 1 "MUG" of order "1001" for "CUP"
    Then the return of order "1001" is requested
    When the clerk approves the return of order "1001" to "NORTH"
    And the picker takes 1 "MUG" of the return of order "1001" in at "NORTH"
    And the picker grades 1 "MUG" of the return of order "1001" at "NORTH" as restock
    Then 1 "MUG" of order "1001" is restocked

  Scenario: For an article that nobody knows
    When the clerk asks to exchange 1 "MUG" of order "1001" for "NOVELTY"
    Then it is refused: SKU_UNKNOWN
