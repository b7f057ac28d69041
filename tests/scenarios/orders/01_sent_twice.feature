# covers: 1.1b
Feature: An order that is sent twice is one order
  Channels send again when they got no answer.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The same order under the same key
    When the shop sends order "1001" for 2 "MUG" again under the same key
    Then there are 1 orders on "web"
    And the total of order "1001" is 20.00 EUR

  Scenario: The same number with other goods is another order, and is not taken
    Given order "1001" for 2 "MUG"
    When the shop places order "1001" for 5 "CUP"
    Then it is refused: ORDER_NUMBER_TAKEN
    And there are 1 orders on "web"
