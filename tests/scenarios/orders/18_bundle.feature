Feature: A bundle is promised and shipped whole
  Kits are made of their parts; the bundle carries the price.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Two sets of a mug and two cups
    Given the bundle "SET" of 1 "MUG" and 2 "CUP"
    And 5 "MUG" at "NORTH"
    And 3 "CUP" at "NORTH"
    And order "1001" for 2 "SET" at 25.00
    When the clerk allocates order "1001"
    Then "NORTH" has 5 "MUG" on hand and 4 available
    And "NORTH" has 3 "CUP" on hand and 1 available
    And the total of order "1001" is 50.00 EUR

  Scenario: A bundle of itself
    Given the bundle "SET" of 1 "MUG" and 2 "CUP"
    And order "1001" for 1 "SET" at 25.00
    When the viewer cancels order "1001": no
    Then it is refused: NOT_PERMITTED
