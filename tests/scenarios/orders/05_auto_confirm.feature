# covers: 1.1d
Feature: A rule confirms what nobody needs to look at
  The order keeps the rule that confirmed it.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Buyers on account are confirmed at once
    Given order "1001" for 2 "MUG"
    Then order "1001" is confirmed
    And order "1001" was confirmed by the rule "on_account"
    And order.placed waits in the outbox for order "1001"

  Scenario: A large order is left to a person
    Given order "1002" for 99 "MUG" at 19.00 and 99 "CUP" at 19.00
    Then order "1002" is pending
    When the clerk confirms order "1002"
    Then order "1002" is confirmed
    And the clerk is in the audit for order.confirm

  Scenario: A prepaid order without money is not confirmed
    Given prepaid order "1003" for 1 "MUG" without a payment
    When the clerk confirms order "1003"
    Then it is refused: ORDER_NOT_COVERED
