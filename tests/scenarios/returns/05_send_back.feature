Feature: It was never ours
  A unit goes back to the customer, who may return it again.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: Sent back and returned again
    Given the clerk asks to return 1 "MUG" of order "1001" as wrong_goods.other_article
    And the clerk approves the return of order "1001" to "NORTH"
    And the picker takes 1 "MUG" of the return of order "1001" in at "NORTH"
    When the picker grades 1 "MUG" of the return of order "1001" at "NORTH" as send_back
    Then 1 "MUG" of order "1001" is sent_back
    When the clerk asks to return 3 "MUG" of order "1001" as faulty.broken
    Then the return of order "1001" is requested

  Scenario: A grade that does not exist
    Given the clerk asks to return 1 "MUG" of order "1001" as wrong_goods.other_article
    And the clerk approves the return of order "1001" to "NORTH"
    And the picker takes 1 "MUG" of the return of order "1001" in at "NORTH"
    When the picker grades 1 "MUG" of the return of order "1001" at "NORTH" as polish
    Then it is refused: GRADE_UNKNOWN
