Feature: A purchase order is drafted, approved and sent
  Nobody approves his own; MOQ and pack size are kept.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The ordinary way
    Given the supplier "ACME" who is at most 2 days late
    And "ACME" sells "MUG" at 4.00 in packs of 6, 12 at least
    When the planner orders 12 "MUG" from "ACME" for "NORTH" by 2026-03-20
    Then the purchase order is draft
    When finance approves the purchase order
    And the planner sends the purchase order
    Then the purchase order is sent

  Scenario: Too few for the supplier
    Given the supplier "ACME" who is at most 2 days late
    And "ACME" sells "MUG" at 4.00 in packs of 6, 12 at least
    When the planner orders 6 "MUG" from "ACME" for "NORTH" by 2026-03-20
    Then it is refused: QUANTITY_NOT_ORDERABLE

  Scenario: Nobody approves his own order
    Given the supplier "ACME" who is at most 2 days late
    And "ACME" sells "MUG" at 4.00 in packs of 6, 12 at least
    When the lead orders 12 "MUG" from "ACME" for "NORTH" by 2026-03-20
    And the lead approves the purchase order
    Then it is refused: OWN_REQUEST
    And the purchase order is draft
