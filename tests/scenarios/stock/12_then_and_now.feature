# covers: 2.1c
Feature: Stock at a past moment
  One function answers for now and then.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Before and after a sale
    Given 10 "MUG" at "NORTH"
    And 2 days pass
    And order "1001" for 3 "MUG"
    And order "1001" is shipped
    When 1 days pass
    Then "NORTH" had 10 "MUG" 2 days ago
    And "NORTH" has 7 "MUG" on hand and 7 available

  Scenario: The shop counts nothing
    Given 10 "MUG" at "NORTH"
    When the shop counts 10 "MUG" at "NORTH"
    Then it is refused: NOT_PERMITTED
