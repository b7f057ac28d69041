# covers: 7.2a
Feature: A customer picks his order up with a code
  Pick-up ends with a hand-over code.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The right code
    Given 5 "MUG" at "NORTH"
    And order "1001" for 2 "MUG"
    And the clerk chooses delivery "pick_up" for order "1001"
    And order "1001" is packed
    When the picker makes order "1001" ready with the code "482915"
    Then the shipment of order "1001" is ready_for_pickup
    When the picker hands order "1001" over for the code "482915"
    Then 2 "MUG" of order "1001" are delivered
    And "NORTH" has 3 "MUG" on hand and 3 available

  Scenario: The wrong code
    Given 5 "MUG" at "NORTH"
    And order "1001" for 2 "MUG"
    And the clerk chooses delivery "pick_up" for order "1001"
    And order "1001" is packed
    When the picker makes order "1001" ready with the code "482915"
    And the picker hands order "1001" over for the code "111111"
    Then the code was wrong and 4 tries are left
    And "NORTH" has 5 "MUG" on hand and 3 available
