# covers: 4.1b
Feature: Some goods stay
  What cannot be sent back is data.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: An article that cannot be sent back
    Given the article "SOAP" that cannot be sent back
    And 5 "SOAP" at "NORTH"
    And order "1002" for 1 "SOAP"
    And order "1002" is delivered
    When the clerk asks to return 1 "SOAP" of order "1002" as changed_mind.not_needed
    Then it is refused: NOT_RETURNABLE

  Scenario: A reason that nobody listed
    When the clerk asks to return 1 "MUG" of order "1001" as mood
    Then it is refused: REASON_UNKNOWN
