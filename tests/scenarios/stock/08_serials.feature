Feature: A serial number is in one place
  One unit a number, unique in stock.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: The same number cannot come twice
    Given the article "PHONE" kept by serial number
    And the "PHONE" with number "SN-1" at "NORTH"
    Then "NORTH" has 1 "PHONE" of lot "SN-1"
    When the picker receives 1 "PHONE" at "NORTH"
    Then it is refused: LOT_MISSING
