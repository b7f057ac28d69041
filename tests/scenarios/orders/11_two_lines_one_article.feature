Feature: Two lines of one article share one stock
  Demand is summed before anything is promised.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Three and three of five
    Given 5 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    And order "1002" for 3 "MUG"
    When the lead allocates everything that waits
    Then 5 "MUG" of order "1001" are allocated
    And 0 "MUG" of order "1002" are allocated
    And "NORTH" has 5 "MUG" on hand and 0 available

  Scenario: Nothing waits any more
    Given 5 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    And order "1001" is promised its goods
    When the clerk allocates order "1001"
    Then it is refused: NOTHING_TO_ALLOCATE
