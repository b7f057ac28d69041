# covers: 7.1a
Feature: Cash is collected at the door
  Captured when the parcel is handed over.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Paid at the door
    Given 5 "MUG" at "NORTH"
    And order "1001" for 2 "MUG" to be paid at the door
    And order "1001" is shipped
    Then order "1001" is authorized
    When the picker delivers order "1001"
    Then 20.00 of order "1001" is paid

  Scenario: A picker does not write payments
    Given order "1001" for 2 "MUG" to be paid at the door
    When the picker records that 20.00 was captured by cash_on_delivery for order "1001"
    Then it is refused: NOT_PERMITTED
