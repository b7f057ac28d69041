Feature: The company changes its own rules
  Policies are versions of data; what was decided keeps the version that decided it.

  Background:
    Given the shop "web"
    And the articles "MUG, CUP and TRAY"
    And the location "NORTH" in "DE"

  Scenario: Orders on account go to a person from now on
    Given order "1001" for 1 "MUG"
    And the policy "auto_confirm" says:
      """
      rules:
        - id: nobody
          when: {payment_terms: on_account}
          then: leave
      """
    And order "1002" for 1 "CUP"
    Then order "1001" was confirmed by the rule "on_account"
    And order "1002" is pending

  Scenario: Clerks do not change rules
    When the clerk releases order "1001": there is no such order
    Then it is refused: ORDER_UNKNOWN
