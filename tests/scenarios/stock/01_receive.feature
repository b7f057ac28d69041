# covers: 2.1a
Feature: Goods come in against a purchase order
  Over, under, damaged.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Too few, then the rest
    Given the supplier "ACME" who is at most 2 days late
    And "ACME" sells "MUG" at 4.00 in packs of 1, 1 at least
    And the planner orders 10 "MUG" from "ACME" for "NORTH" by 2026-03-20
    And the lead approves the purchase order
    And the planner sends the purchase order
    When the picker receives 6 "MUG" for the purchase order
    Then the purchase order is partly_received
    And "NORTH" has 6 "MUG" on hand and 6 available
    When the picker receives 4 "MUG" for the purchase order
    Then the purchase order is received

  Scenario: Two of ten are broken
    Given the supplier "ACME" who is at most 2 days late
    And "ACME" sells "MUG" at 4.00 in packs of 1, 1 at least
    And the planner orders 10 "MUG" from "ACME" for "NORTH" by 2026-03-20
    And the lead approves the purchase order
    And the planner sends the purchase order
    When the picker receives 10 "MUG", 2 of them damaged, for the purchase order
    Then "NORTH" has 8 "MUG" on hand and 8 available
    And "NORTH" has 2 "MUG" in damaged

  Scenario: Far too many
    Given the supplier "ACME" who is at most 2 days late
    And "ACME" sells "MUG" at 4.00 in packs of 1, 1 at least
    And the planner orders 10 "MUG" from "ACME" for "NORTH" by 2026-03-20
    And the lead approves the purchase order
    And the planner sends the purchase order
    When the picker receives 30 "MUG" for the purchase order
    Then it is refused: OVER_RECEIPT
    When the lead receives 30 "MUG" for the purchase order, even too many
    Then "NORTH" has 30 "MUG" on hand and 30 available
