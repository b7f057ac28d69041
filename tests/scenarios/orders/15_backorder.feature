# covers: 1.2d
Feature: A missing unit waits for goods on order, with a date
  Each missing unit is pegged to one purchase-order line; a slip moves the promise and is recorded.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Promised, slipped, promised anew
    Given the supplier "ACME" who is at most 2 days late
    And "ACME" sells "MUG" at 4.00 in packs of 1, 1 at least
    And the planner orders 10 "MUG" from "ACME" for "NORTH" by 2026-03-20
    And the lead approves the purchase order
    And the planner sends the purchase order
    And order "1001" for 3 "MUG"
    When the clerk allocates order "1001"
    Then order "1001" is promised for 2026-03-22
    When the planner learns that the purchase order comes by 2026-03-25
    Then order "1001" is promised for 2026-03-27
    And the promise of order "1001" was moved 1 time

  Scenario: The goods come and the order is served
    Given the supplier "ACME" who is at most 2 days late
    And "ACME" sells "MUG" at 4.00 in packs of 1, 1 at least
    And the planner orders 10 "MUG" from "ACME" for "NORTH" by 2026-03-20
    And the lead approves the purchase order
    And the planner sends the purchase order
    And order "1001" for 3 "MUG"
    And order "1001" is promised its goods
    When the picker receives 10 "MUG" for the purchase order
    Then 3 "MUG" of order "1001" are allocated

  Scenario: The viewer promises nothing
    Given order "1001" for 3 "MUG"
    When the viewer allocates order "1001"
    Then it is refused: NOT_PERMITTED
