# covers: 1.2e
Feature: A wave is picked, packed and shipped
  Picks sum to what was promised; nothing leaves without a movement.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: From the wave to the door
    Given 5 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is promised its goods
    When the picker releases a wave at "NORTH"
    And the picker picks order "1001"
    And the picker packs order "1001"
    And the picker ships order "1001"
    Then 3 "MUG" of order "1001" are shipped
    And "NORTH" has 2 "MUG" on hand and 2 available
    And the shipment of order "1001" is shipped
    When the picker delivers order "1001"
    Then 3 "MUG" of order "1001" are delivered
    And order "1001" is closed
    And the picker is in the audit for shipment.ship

  Scenario: Nothing is shipped before it is packed
    Given 5 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is released
    When the picker ships order "1001"
    Then it is refused: EVENT_NOT_ALLOWED
    And "NORTH" has 5 "MUG" on hand and 2 available
