# covers: 1.2a
Feature: An order that no place can serve alone comes in two parcels
  Split over locations; every parcel is part of the order.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Three from one place, two from the other
    Given the location "SOUTH" in "DE"
    And 3 "MUG" at "NORTH"
    And 2 "MUG" at "SOUTH"
    And order "1001" for 5 "MUG"
    When the clerk allocates order "1001"
    Then 3 "MUG" of order "1001" come from "NORTH"
    And 2 "MUG" of order "1001" come from "SOUTH"
    Given order "1001" is shipped
    Then 5 "MUG" of order "1001" are shipped

  Scenario: The picker of one place does not pick at the other
    Given the picker works at "SOUTH" only
    And 3 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is released
    When the picker picks order "1001"
    Then it is refused: NOT_PERMITTED
