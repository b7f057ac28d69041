# covers: 2.1d
Feature: A paper turns up late
  A new late movement; what was known then stays what was known then.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: A loss of three days ago
    Given 10 "MUG" at "NORTH"
    And 5 days pass
    When the lead books a loss of 2 "MUG" at "NORTH" of 3 days ago
    Then "NORTH" has 8 "MUG" on hand and 8 available
    And "NORTH" had 8 "MUG" 3 days ago
    And "NORTH" had 10 "MUG" 3 days ago, as known then

  Scenario: A viewer writes nothing
    Given 10 "MUG" at "NORTH"
    And 5 days pass
    When the viewer books a loss of 2 "MUG" at "NORTH" of 3 days ago
    Then it is refused: NOT_PERMITTED
