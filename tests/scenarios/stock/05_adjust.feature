# covers: 2.1a
Feature: Stock is put right, with a reason
  Four eyes above the limit.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Two broken
    Given 10 "MUG" at "NORTH"
    When the picker adjusts "MUG" at "NORTH" by -2: fell off the shelf
    Then "NORTH" has 8 "MUG" on hand and 8 available

  Scenario: Promised units cannot be adjusted away
    Given 10 "MUG" at "NORTH"
    And order "1001" for 9 "MUG"
    And order "1001" is promised its goods
    When the picker adjusts "MUG" at "NORTH" by -2: fell off the shelf
    Then it is refused: STOCK_SHORT
    And "NORTH" has 10 "MUG" on hand and 1 available
