# covers: 1.2a
Feature: An order is served from the best place
  Availability, splits, distance, cut-off, cost, priority.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: One place that has everything beats two that have parts
    Given the location "SOUTH" in "DE"
    And 5 "MUG" at "NORTH"
    And 5 "MUG" at "SOUTH"
    And 5 "CUP" at "SOUTH"
    And order "1001" for 2 "MUG" and 1 "CUP"
    When the clerk allocates order "1001"
    Then 2 "MUG" of order "1001" come from "SOUTH"
    And 1 "CUP" of order "1001" come from "SOUTH"

  Scenario: The country of the buyer is nearer than abroad
    Given the location "PARIS" in "FR"
    And 5 "MUG" at "NORTH"
    And 5 "MUG" at "PARIS"
    And order "1001" for 2 "MUG"
    When the clerk allocates order "1001"
    Then 2 "MUG" of order "1001" come from "NORTH"

  Scenario: A preferred place goes first
    Given the location "SOUTH" in "DE" with priority 2
    And 5 "MUG" at "NORTH"
    And 5 "MUG" at "SOUTH"
    And order "1001" for 2 "MUG"
    When the clerk allocates order "1001"
    Then 2 "MUG" of order "1001" come from "SOUTH"

  Scenario: An order that others ship gets nothing promised
    Given the shop "market" that others ship for
    And order "2001" for 1 "MUG" on "market"
    When the clerk allocates order "2001"
    Then it is refused: FULFILLED_ELSEWHERE
