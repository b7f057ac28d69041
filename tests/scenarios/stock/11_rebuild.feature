# covers: 2.1b
Feature: Balances are the sum of their movements
  Every scenario ends with all invariants recomputed from the journals.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: In, out, back, moved
    Given the location "SOUTH" in "DE"
    And "ROAD" is where goods are on their way
    And 10 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is delivered
    And the picker sends 2 "MUG" from "NORTH" to "SOUTH" by "ROAD"
    When the picker receives 2 "MUG" of the transfer
    Then "NORTH" has 5 "MUG" on hand and 5 available
    And "SOUTH" has 2 "MUG" on hand and 2 available

  Scenario: What was never received cannot be sent
    Given the location "SOUTH" in "DE"
    And "ROAD" is where goods are on their way
    When the picker sends 2 "TRAY" from "NORTH" to "SOUTH" by "ROAD"
    Then it is refused: STOCK_SHORT
