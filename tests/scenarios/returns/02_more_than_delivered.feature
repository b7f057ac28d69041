# covers: 4.1b
Feature: Nobody returns more than he got
  Delivered less returned.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: Four of three
    When the clerk asks to return 4 "MUG" of order "1001" as changed_mind.not_needed
    Then it is refused: RETURN_TOO_MANY

  Scenario: Two, and two again
    Given the clerk asks to return 2 "MUG" of order "1001" as changed_mind.not_needed
    When the clerk asks to return 2 "MUG" of order "1001" as faulty.broken
    Then it is refused: RETURN_TOO_MANY
    When the clerk asks to return 1 "MUG" of order "1001" as faulty.broken
    Then the return of order "1001" is requested
