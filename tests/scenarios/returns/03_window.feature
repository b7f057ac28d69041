# covers: 4.1b
Feature: Too late
  The window is data.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: Five weeks later
    Given 35 days pass
    When the clerk asks to return 1 "MUG" of order "1001" as changed_mind.not_needed
    Then it is refused: WINDOW_OVER

  Scenario: Four weeks later
    Given 28 days pass
    When the clerk asks to return 1 "MUG" of order "1001" as changed_mind.not_needed
    Then the return of order "1001" is requested
