Feature: An order is cancelled before it leaves
  Promises are given back; what was captured stays flagged to be refunded.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The whole order
    Given 5 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    And order "1001" is promised its goods
    When the clerk cancels order "1001": the buyer changed his mind
    Then order "1001" is cancelled
    And "NORTH" has 5 "MUG" on hand and 5 available

  Scenario: Two units of a line
    Given 5 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    And order "1001" is promised its goods
    When the clerk cancels 2 "MUG" of order "1001": too many
    Then 2 "MUG" of order "1001" are cancelled
    And 3 "MUG" of order "1001" are allocated
    And the total of order "1001" is 30.00 EUR
    And "NORTH" has 5 "MUG" on hand and 2 available

  Scenario: What has left cannot be cancelled
    Given 5 "MUG" at "NORTH"
    And order "1001" for 5 "MUG"
    And order "1001" is shipped
    When the clerk cancels order "1001": too late
    Then it is refused: ORDER_SHIPPED
    And 5 "MUG" of order "1001" are shipped
