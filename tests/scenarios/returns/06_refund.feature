# covers: 4.1c
Feature: Money goes back, goods do not move
  Refund and restock are separate and bounded.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: A refund without a return
    When the clerk refunds 10.00 of order "1001": scratched
    Then order "1001" is partially_refunded
    And 20.00 of order "1001" is paid
    And "NORTH" has 7 "MUG" on hand and 7 available

  Scenario: More than was paid
    When the clerk refunds 31.00 of order "1001": scratched
    Then it is refused: REFUND_ABOVE_PAID
    And 30.00 of order "1001" is paid
