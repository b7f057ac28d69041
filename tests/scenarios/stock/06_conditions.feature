Feature: Damaged goods are not for sale
  Conditions keep units apart; only sellable ones are promised.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Damaged, then scrapped
    Given 10 "MUG" at "NORTH"
    When the picker moves 3 "MUG" at "NORTH" from sellable to damaged: water
    Then "NORTH" has 7 "MUG" on hand and 7 available
    And "NORTH" has 3 "MUG" in damaged
    When the picker scraps 3 damaged "MUG" at "NORTH"
    Then "NORTH" has 0 "MUG" in damaged

  Scenario: More than there is
    Given 10 "MUG" at "NORTH"
    When the picker moves 11 "MUG" at "NORTH" from sellable to damaged: water
    Then it is refused: STOCK_SHORT
