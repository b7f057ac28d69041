Feature: A return is declined
  The units can be asked for again.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: Declined with a reason
    Given the clerk asks to return 3 "MUG" of order "1001" as changed_mind.not_needed
    When the clerk declines the return of order "1001": used for years
    Then the return of order "1001" is declined
    When the clerk asks to return 3 "MUG" of order "1001" as faulty.broken
    Then the return of order "1001" is requested

  Scenario: Nothing comes in for a declined return
    Given the clerk asks to return 3 "MUG" of order "1001" as changed_mind.not_needed
    When the clerk declines the return of order "1001": used for years
    And the picker takes 1 "MUG" of the return of order "1001" in at "NORTH"
    Then it is refused: RETURN_STATE
