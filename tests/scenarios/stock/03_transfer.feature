# covers: 2.1f
Feature: Goods travel between places and are somewhere all the time
  Two legs through a place on the way; units are conserved.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: On the way, then there
    Given the location "SOUTH" in "DE"
    And "ROAD" is where goods are on their way
    And 10 "MUG" at "NORTH"
    And the picker sends 4 "MUG" from "NORTH" to "SOUTH" by "ROAD"
    Then "NORTH" has 6 "MUG" on hand and 6 available
    And "ROAD" has 4 "MUG" in sellable
    When the picker receives 4 "MUG" of the transfer
    Then "SOUTH" has 4 "MUG" on hand and 4 available
    And the transfer is received

  Scenario: Who waits is served when it arrives
    Given the location "SOUTH" in "DE"
    And "ROAD" is where goods are on their way
    And 4 "MUG" at "NORTH"
    And the picker sends 4 "MUG" from "NORTH" to "SOUTH" by "ROAD"
    And order "1001" for 3 "MUG"
    And order "1002" of priority 5 for 3 "MUG"
    And order "1001" is promised its goods
    When the picker receives 4 "MUG" of the transfer
    Then 3 "MUG" of order "1002" are allocated
    And 1 "MUG" of order "1001" are allocated

  Scenario: One is lost on the way
    Given the location "SOUTH" in "DE"
    And "ROAD" is where goods are on their way
    And 10 "MUG" at "NORTH"
    And the picker sends 4 "MUG" from "NORTH" to "SOUTH" by "ROAD"
    When the picker receives 3 "MUG" of the transfer
    Then the transfer is partly_received
    When the lead writes 1 "MUG" of the transfer off: fell off the lorry
    Then the transfer is received
    And "ROAD" has 0 "MUG" in sellable

  Scenario: What is promised does not travel
    Given the location "SOUTH" in "DE"
    And "ROAD" is where goods are on their way
    And 10 "MUG" at "NORTH"
    And order "1001" for 8 "MUG"
    And order "1001" is promised its goods
    When the picker sends 4 "MUG" from "NORTH" to "SOUTH" by "ROAD"
    Then it is refused: STOCK_SHORT
