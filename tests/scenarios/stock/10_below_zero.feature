# covers: 2.1e
Feature: Stock may fall below zero where the company says so
  The policy changes no balance; strict again only without debt.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Sold before it was booked in
    Given the location "KIOSK" where stock may fall below zero
    And 1 "MUG" at "KIOSK"
    When the picker adjusts "MUG" at "KIOSK" by -3: sold over the counter
    Then "KIOSK" has -2 "MUG" on hand and -2 available
    And there is an exception "negative_stock" for "MUG"
    When the lead makes "KIOSK" strict again
    Then it is refused: STOCK_BELOW_ZERO

  Scenario: Switching the policy changes no balance
    Given 10 "MUG" at "NORTH"
    When the lead lets stock at "NORTH" fall below zero
    Then "NORTH" has 10 "MUG" on hand and 10 available
