# covers: 7.2a
Feature: Only what can be delivered is offered
  Zones, limits, cut-offs; an ineligible method is never offered.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Too heavy for a parcel
    Given order "1001" for 90 "MUG"
    Then delivery "freight" is offered for order "1001"
    And delivery "express" is not offered for order "1001"
    When the clerk chooses delivery "express" for order "1001"
    Then it is refused: METHOD_NOT_ELIGIBLE

  Scenario: A small order may go by express
    Given order "1001" for 2 "MUG"
    When the clerk chooses delivery "express" for order "1001"
    Then delivery "express" is offered for order "1001"
