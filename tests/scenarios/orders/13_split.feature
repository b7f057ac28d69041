# covers: 1.2c
Feature: An order is split and nothing is lost
  Units, money and tax are conserved; the customer keeps his number.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Two of five are sent later
    Given order "1001" for 5 "MUG" and 1 "CUP"
    When the clerk splits 2 "MUG" off order "1001" as "the rest"
    Then 2 "MUG" of order "1001" are moved
    And the total of order "1001" is 40.00 EUR
    And there are 2 orders on "web"

  Scenario: More than the order has
    Given order "1001" for 5 "MUG" and 1 "CUP"
    When the clerk splits 9 "MUG" off order "1001" as "the rest"
    Then it is refused: LINE_NOT_OPEN
    And the total of order "1001" is 60.00 EUR
