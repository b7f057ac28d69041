# covers: 1.2b
Feature: Units are reserved for a while
  Two phases; a reservation ends exactly once.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Reserved, then promised
    Given 5 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    When the clerk reserves order "1001" for 15 minutes
    Then 5 "MUG" of order "1001" are reserved
    And "NORTH" has 5 "MUG" on hand and 0 available
    When the clerk posts the reservation
    Then 5 "MUG" of order "1001" are allocated

  Scenario: Reserved in the basket, promised with the confirmation
    Given 5 "MUG" at "NORTH"
    And prepaid order "1001" for 5 "MUG" without a payment
    When the clerk reserves order "1001" for 15 minutes
    And finance records that 50.00 was captured by alipay for order "1001"
    Then order "1001" is confirmed
    And 5 "MUG" of order "1001" are allocated

  Scenario: Time is over
    Given 5 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    When the clerk reserves order "1001" for 15 minutes
    And 20 minutes pass
    And the reservations whose time is over expire
    Then "NORTH" has 5 "MUG" on hand and 5 available
    When the clerk posts the reservation
    Then it is refused: RESERVATION_EXPIRED

  Scenario: It ends once
    Given 5 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    When the clerk reserves order "1001" for 15 minutes
    And the clerk voids the reservation
    And the clerk posts the reservation
    Then it is refused: RESERVATION_ENDED

  Scenario: More than there is
    Given 2 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    When the clerk reserves order "1001" for 15 minutes
    Then it is refused: STOCK_SHORT
    And "NORTH" has 2 "MUG" on hand and 2 available
