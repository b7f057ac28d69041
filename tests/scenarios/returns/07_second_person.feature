# covers: 4.1c
Feature: A large refund needs a second person
  Four eyes; nobody decides on his own request.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"
    And 10 "MUG" at "NORTH"
    And 10 "CUP" at "NORTH"
    And order "1001" for 3 "MUG" paid 30.00 by card
    And order "1001" is delivered

  Scenario: Asked by the clerk, decided by finance
    Given order "1002" for 30 "CUP" paid 300.00 by card
    When the clerk refunds 250.00 of order "1002": all broken
    Then 300.00 of order "1002" is paid
    When finance approves what waits for a refund: I saw the pictures
    Then 50.00 of order "1002" is paid

  Scenario: Not by the one who asked
    Given order "1002" for 30 "CUP" paid 300.00 by card
    When the lead refunds 250.00 of order "1002": all broken
    And the lead approves what waits for a refund: I said so
    Then it is refused: OWN_REQUEST
    And 300.00 of order "1002" is paid
