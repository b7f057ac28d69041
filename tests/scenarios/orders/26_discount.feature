Feature: A discount is shared out to the cent
  Allocated at the lines by largest remainder when the order is placed.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Ten off three lines
    When the shop places order "1001" for 1 "MUG", 1 "CUP" and 1 "TRAY" less a discount of 10.00
    Then line "MUG" of order "1001" costs 6.66 after 3.34 off
    And line "CUP" of order "1001" costs 6.67 after 3.33 off
    And line "TRAY" of order "1001" costs 6.67 after 3.33 off
    And the total of order "1001" is 20.00 EUR

  Scenario: More off than the goods cost
    When the shop places order "1001" for 1 "MUG" less a discount of 11.00
    Then it is refused: DISCOUNT_TOO_LARGE
