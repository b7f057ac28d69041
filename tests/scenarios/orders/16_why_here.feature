# covers: 1.2f, 1.2a
Feature: Why this place? An order is promised anew
  The scores are kept; a shut place is left out.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The place is shut
    Given the location "SOUTH" in "DE"
    And 5 "MUG" at "NORTH"
    And 5 "MUG" at "SOUTH"
    And order "1001" for 2 "MUG"
    And order "1001" is promised its goods
    When the clerk reallocates order "1001" without "NORTH"
    Then 2 "MUG" of order "1001" come from "SOUTH"
    And "NORTH" has 5 "MUG" on hand and 5 available

  Scenario: Nothing was promised
    Given order "1001" for 2 "MUG"
    When the clerk reallocates order "1001" without "NORTH"
    Then it is refused: NOTHING_PROMISED
