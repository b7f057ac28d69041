# covers: 1.2c
Feature: Orders of one buyer go in one parcel
  Same buyer, same address, same currency, nothing shipped.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Two orders, one parcel
    Given order "1001" for 1 "MUG"
    And order "1002" for 2 "CUP" from the buyer of "1001"
    When the clerk merges orders "1001" and "1002"
    Then the total of order "1001" is 30.00 EUR
    And 2 "CUP" of order "1002" are moved

  Scenario: Other buyers' orders stay apart
    Given order "1001" for 1 "MUG"
    And order "1002" for 2 "CUP"
    When the clerk merges orders "1001" and "1002"
    Then it is refused: MERGE_REFUSED
    And the total of order "1002" is 20.00 EUR
