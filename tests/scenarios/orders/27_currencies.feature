# covers: 7.1c
Feature: The base amount is fixed when it happens
  A later rate moves no past amount.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: A rate changes after the payment
    Given one USD is 0.90 EUR
    When the shop places order "1001" for 10 "MUG" in USD
    And finance records that 100.00 was captured by alipay for order "1001"
    Then the base amount of order "1001" is 90.00
    Given one USD is 0.50 EUR
    Then the base amount of order "1001" is 90.00

  Scenario: A clerk sets no rates
    Given one USD is 0.90 EUR
    When the shop places order "1001" for 10 "MUG" in USD
    And the viewer records that 100.00 was captured by alipay for order "1001"
    Then it is refused: NOT_PERMITTED
