# covers: 7.1a
Feature: An order is paid in several ways
  Events per method; never card data.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: A gift card and a card
    Given a gift card "GIFT7-4711-0815" of 15.00 EUR
    And prepaid order "1001" for 4 "MUG" without a payment
    When the clerk redeems 15.00 of the card "GIFT7-4711-0815" for order "1001"
    Then order "1001" is partially_paid
    When finance records that 25.00 was captured by alipay for order "1001"
    Then order "1001" is paid
    And the card "GIFT7-4711-0815" holds 0.00

  Scenario: The card holds less
    Given a gift card "GIFT7-4711-0815" of 15.00 EUR
    And prepaid order "1001" for 4 "MUG" without a payment
    When the clerk redeems 20.00 of the card "GIFT7-4711-0815" for order "1001"
    Then it is refused: BALANCE_SHORT
    And the card "GIFT7-4711-0815" holds 15.00

  Scenario: Authorised, captured once, told twice
    Given prepaid order "1001" for 4 "MUG" without a payment
    When finance records that 40.00 was authorized by card for order "1001" as "auth-1"
    Then order "1001" is authorized
    When finance records that 40.00 was captured by card for order "1001" as "cap-1"
    And finance records that 40.00 was captured by card for order "1001" as "cap-1"
    Then 40.00 of order "1001" is paid

  Scenario: More than was authorised
    Given prepaid order "1001" for 4 "MUG" without a payment
    When finance records that 40.00 was authorized by card for order "1001" as "auth-1"
    And finance records that 41.00 was captured by card for order "1001" as "cap-1"
    Then it is refused: CAPTURE_ABOVE_AUTHORISED
