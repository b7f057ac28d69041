# covers: 1.2a
Feature: The better-ranked order keeps its claim
  A later order of lower priority never starves an earlier one.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: A later order does not take what an earlier one waits for
    Given order "1001" for 4 "MUG"
    And order "1002" for 4 "MUG"
    When the picker receives 4 "MUG" at "NORTH"
    And the clerk allocates order "1002"
    Then 0 "MUG" of order "1002" are allocated
    And 4 "MUG" of order "1001" are allocated

  Scenario: An urgent order goes first
    Given order "1001" for 4 "MUG"
    And order "1002" of priority 5 for 4 "MUG"
    When the picker receives 4 "MUG" at "NORTH"
    Then 4 "MUG" of order "1002" are allocated
    And 0 "MUG" of order "1001" are allocated

  Scenario: Only a lead makes an order urgent
    Given order "1001" for 4 "MUG"
    When the clerk gives order "1001" priority 9
    Then it is refused: NOT_PERMITTED
