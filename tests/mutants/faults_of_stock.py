"""Faults in what guards stock: balances, promises, reservations, journals, shortages (I1 to I5)."""

from tests.mutants.planting import COUNTER, FEED, FIRST, JOURNAL, LEDGER, RULES, SECOND, SERVICES, a_mutant

IN_STOCK = (
    # --- I1: on hand is the sum of its movements --------------------------------------------------
    a_mutant(
        "the balance counts a movement twice",
        "I1",
        (LEDGER, "policy_switch_changes_no_balance and sqlite"),
        (f"{RULES}/ledger.py", "on_hand = on_hand + new.quantity", "on_hand = on_hand + 2 * new.quantity"),
        (
            f"{RULES}/ledger.py",
            "select new.sku, new.location, new.condition, new.quantity, 0",
            "select new.sku, new.location, new.condition, 2 * new.quantity, 0",
        ),
        (f"{RULES}/ledger.py", "and quantity = new.on_hand - {before})", "and 2 * quantity = new.on_hand - {before})"),
    ),
    a_mutant(
        "a balance may be edited by hand on SQLite",
        "I1",
        (LEDGER, "not_edited_by_hand and sqlite"),
        (
            f"{RULES}/ledger.py",
            "f\"new.last_movement_id <= old.last_movement_id or not {_BOOKED.format(before='old.on_hand')}\"",
            '"1 = 0"',
        ),
    ),
    a_mutant(
        "an older movement explains a balance on PostgreSQL",
        "I1",
        (LEDGER, "older_movement_twice and postgresql"),
        (f"{RULES}/ledger.py", "and (pg_trigger_depth() = 1 or new.last", "and (new.last"),
    ),
    a_mutant(
        "a rebuilt balance ignores what left",
        "I1",
        (f"{SERVICES}/test_verify.py", "sound_core_passes and sqlite"),
        ("oms_core/services/verify.py", "condition, sum(quantity) as moved", "condition, sum(abs(quantity)) as moved"),
    ),
    # --- I2: what is promised is the sum of its entries, within what is there ----------------------
    a_mutant(
        "no check against overselling",
        "I2",
        (COUNTER, "no_more_than_is_there and sqlite"),
        (FIRST, '"allows_negative or committed <= on_hand + shortage"', '"1 = 1"'),
    ),
    a_mutant(
        "no check against overselling, on PostgreSQL",
        "I2",
        (COUNTER, "no_more_than_is_there and postgresql"),
        (FIRST, '"allows_negative or committed <= on_hand + shortage"', '"1 = 1"'),
    ),
    a_mutant(
        "a counter may be edited by hand on SQLite",
        "I2",
        (COUNTER, "counter_is_not_edited and sqlite and balance_committed"),
        (f"{RULES}/counters.py", "(new.{rule.last} <= old.{rule.last} or not {_explained(rule)})", "(1 = 0)"),
    ),
    a_mutant(
        "a counter may be edited by hand on PostgreSQL",
        "I2",
        (COUNTER, "older_row_of_the_journal and postgresql"),
        (f"{RULES}/counters.py", "(pg_trigger_depth() = 1 or new.{rule.last}", "(new.{rule.last}"),
    ),
    a_mutant(
        "a release promises more",
        "I2",
        (COUNTER, "moved_its_counters or taken_back or ends_a_reservation_first"),
        (f"{RULES}/counters.py", '("void", "expire", "release", "ship"))', '("void", "release", "ship"))'),
    ),
    a_mutant(
        "a line may start with promised units",
        "I2",
        (COUNTER, "begin_with_a_counter and sqlite and line_promised"),
        (
            f"{RULES}/counters.py",
            'f"new.{column} <> 0" for column in [*rule.columns, rule.last]',
            'f"new.{column} < 0" for column in [*rule.columns, rule.last]',
        ),
    ),
    # --- I3: a reservation ends once ---------------------------------------------------------------
    a_mutant(
        "no unique key of the ending",
        "I3",
        (COUNTER, "at_the_expense_of_another"),
        (
            "oms_core/storage/tables/allocation.py",
            'ForeignKey("stock_allocation.allocation_id"), unique=True)',
            'ForeignKey("stock_allocation.allocation_id"))',
        ),
        (SECOND, 'sa.UniqueConstraint("pending_id", name=op.f("uq_stock_allocation_pending_id")),', ""),
    ),
    a_mutant(
        "an ending of other units than were reserved",
        "I3",
        (COUNTER, "does_not_fit_what_it_names and sqlite"),
        (f"{RULES}/counters.py", " and p.quantity = {row}.quantity)", ")"),
    ),
    a_mutant(
        "an ending of something that is no reservation",
        "I3",
        (COUNTER, "does_not_fit_what_it_names and postgresql"),
        (f"{RULES}/counters.py", "and p.kind = 'reserve' ", ""),
    ),
    # --- I4: journals are append-only --------------------------------------------------------------
    a_mutant(
        "journal rows may be updated on SQLite",
        "I4",
        (JOURNAL, "never_updated and sqlite and stock_movement"),
        (
            f"{RULES}/journals.py",
            'f"before update on {table.name}", "1", abort',
            'f"before update on {table.name}", "0", abort',
        ),
    ),
    a_mutant(
        "journal rows may be deleted on PostgreSQL",
        "I4",
        (JOURNAL, "never_deleted and postgresql and audit_entry"),
        (
            f"{RULES}/journals.py",
            'f"before delete on {table.name}", "oms_immutable")',
            'f"before insert on {table.name}_nobody", "oms_immutable") if not table.name else ()',
        ),
    ),
    a_mutant(
        "REPLACE puts a fresh row in the place of a kept one",
        "I4",
        (JOURNAL, "puts_no_fresh_row"),
        (
            f"{RULES}/journals.py",
            "        yield from _sqlite_same_key(table)\n        yield from _sqlite_taken",
            "        yield from _sqlite_taken",
        ),
    ),
    a_mutant(
        "UPDATE OR REPLACE deletes the row whose key it takes",
        "I4",
        (JOURNAL, "into_the_place_of_another"),
        (f"{RULES}/journals.py", "        yield from _sqlite_taken_key(table)\n", ""),
    ),
    a_mutant(
        "a reversal need not mirror its movement",
        "I4",
        (LEDGER, "reversal_mirrors and sqlite"),
        (f"{RULES}/ledger.py", " and original.quantity = -new.quantity", ""),
    ),
    # --- I5: nothing is sold that is not there -----------------------------------------------------
    a_mutant(
        "a shortage is not recorded",
        "I5",
        (FEED, "booked_with_its_shortage and sqlite"),
        ("oms_core/storage/stock_ledger.py", "        if left < 0:\n", "        if left < -1_000_000:\n"),
    ),
    a_mutant(
        "a balance is let below zero by hand",
        "I5",
        (LEDGER, "let_below_zero and sqlite"),
        (f"{RULES}/ledger.py", '        f"new.allows_negative <> {_POLICY}",\n', '        "1 = 0",\n'),
    ),
    a_mutant(
        "a shortage may be widened by hand",
        "I5",
        (LEDGER, "widened_by_a_shortage and sqlite"),
        (f"{RULES}/ledger.py", '        f"new.shortage <> {_SHORTAGE}",\n', '        "1 = 0",\n'),
    ),
)
