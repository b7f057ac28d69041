Feature: A customer asks for his own order
  Self-service reaches nothing else.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: His own
    When the customer asks to return 1 "MUG" of order "1001" as changed_mind.not_needed
    Then the return of order "1001" is requested

  Scenario: He approves nothing
    Given the customer asks to return 1 "MUG" of order "1001" as changed_mind.not_needed
    When the customer approves the return of order "1001" to "NORTH"
    Then it is refused: NOT_PERMITTED
