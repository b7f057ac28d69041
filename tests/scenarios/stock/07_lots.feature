Feature: What expires first leaves first
  Lots with expiry, first expired first out.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The older lot goes out
    Given the article "MILK" kept by lot
    And 5 "MILK" of lot "B" good until 2026-05-01 at "NORTH"
    And 5 "MILK" of lot "A" good until 2026-04-01 at "NORTH"
    And order "1001" for 6 "MILK"
    And order "1001" is shipped
    Then "NORTH" has 0 "MILK" of lot "A"
    And "NORTH" has 4 "MILK" of lot "B"

  Scenario: Goods kept by lot come with their lot
    Given the article "MILK" kept by lot
    When the picker receives 5 "MILK" at "NORTH"
    Then it is refused: LOT_MISSING
