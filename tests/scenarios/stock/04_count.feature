# covers: 2.1g
Feature: Somebody counts
  Small differences are booked, large ones need a second person.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: As expected
    Given 10 "MUG" at "NORTH"
    When the picker counts 10 "MUG" at "NORTH"
    Then "NORTH" has 10 "MUG" on hand and 10 available

  Scenario: Units are found and somebody waits for them
    Given order "1001" for 2 "MUG"
    And order "1001" is promised its goods
    When the picker counts 2 "MUG" at "NORTH"
    Then 2 "MUG" of order "1001" are allocated
    And "NORTH" has 2 "MUG" on hand and 0 available

  Scenario: A large difference waits for approval
    Given 100 "MUG" at "NORTH" that cost 4.00
    When the picker counts 20 "MUG" at "NORTH"
    Then the count is counted
    And "NORTH" has 100 "MUG" on hand and 100 available
    When the lead approves the count: the shelf is empty
    Then "NORTH" has 20 "MUG" on hand and 20 available

  Scenario: The picker does not approve
    Given 100 "MUG" at "NORTH" that cost 4.00
    And the picker counts 20 "MUG" at "NORTH"
    When the picker approves the count: I saw it
    Then it is refused: NOT_PERMITTED
