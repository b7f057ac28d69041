# covers: 1.1c
Feature: Odd prices and quantities wait for somebody
  Half or double the list price, or a hundred units of a line, are looked at.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: A price far below the list
    When the shop places order "1001" for 1 "MUG" at 1.00
    Then order "1001" is on hold
    And order "1001" has the hold "price_outlier" by the shop

  Scenario: A quantity that is probably a slip
    When the shop places order "1002" for 500 "MUG"
    Then order "1002" has the hold "quantity_outlier" by the shop

  Scenario: An article that nobody knows
    When the shop places order "1003" for 1 "NOVELTY"
    Then it is refused: SKU_UNKNOWN
