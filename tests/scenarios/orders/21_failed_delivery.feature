Feature: Nobody opened the door
  A failed delivery is tried again, or comes back.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The second try
    Given 5 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is shipped
    When the picker cannot deliver order "1001": nobody at home
    Then the shipment of order "1001" is failed
    When the picker tries to deliver order "1001" again
    And the picker delivers order "1001"
    Then 3 "MUG" of order "1001" are delivered

  Scenario: What was not sent cannot fail
    Given 5 "MUG" at "NORTH"
    And order "1001" for 3 "MUG"
    And order "1001" is picked
    When the picker cannot deliver order "1001": nobody at home
    Then it is refused: EVENT_NOT_ALLOWED
