# covers: 1.1c
Feature: Two orders that look alike wait for somebody
  The same buyer orders the same goods twice within a day.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The second of two is held
    Given order "1001" for 2 "MUG"
    And order "1002" for 2 "MUG" from the buyer of "1001"
    Then order "1001" is confirmed
    And order "1002" is on hold
    And order "1002" has the hold "look_alike" by the shop

  Scenario: It was meant
    Given order "1001" for 2 "MUG"
    And order "1002" for 2 "MUG" from the buyer of "1001"
    When the clerk releases order "1002": the buyer wants both
    Then order "1002" is confirmed

  Scenario: A person who only looks releases nothing
    Given order "1001" for 2 "MUG"
    And order "1002" for 2 "MUG" from the buyer of "1001"
    When the viewer releases order "1002": it looks fine
    Then it is refused: NOT_PERMITTED
    And order "1002" is on hold
