"""Faults in what guards states, money, totals and messages, and in how a command runs (I6 to I9, I11)."""

from tests.mutants.planting import COMMANDS, COUNTER, FEED, RULES, SECOND, SERVICES, STATE, STORAGE, a_mutant

IN_DOCUMENTS = (
    # --- I6: a state changes only by an event ------------------------------------------------------
    a_mutant(
        "a document's state may be set",
        "I6",
        (STATE, "document_changes_state_only and sqlite"),
        (
            f"{RULES}/documents.py",
            "        and (new.last_event_seq <> old.last_event_seq + 1 or not",
            "        and (1 = 0 and not",
        ),
    ),
    a_mutant(
        "an event may skip a number",
        "I6",
        (STATE, "follows_the_state_the_order_is_at and sqlite"),
        (
            f"{RULES}/order_state.py",
            "and lifecycle = new.from_state and last_event_seq = new.seq - 1)",
            "and lifecycle = new.from_state)",
        ),
        (f"{RULES}/order_state.py", "(new.last_event_seq <> old.last_event_seq + 1 or not exists", "(not exists"),
    ),
    a_mutant(
        "no table of legal steps",
        "I6",
        (STATE, "jump_that_no_table_knows and sqlite"),
        (
            SECOND,
            """            name="fk_document_event_transition",
        ),
""",
            """            name="fk_document_event_transition",
        )
        if not op
        else sa.CheckConstraint("1 = 1", name="nothing"),
""",
        ),
    ),
    a_mutant(
        "no guard of the version a change is for",
        "I6",
        (f"{SERVICES}/test_change_order.py", "another_version_is_refused and sqlite"),
        (
            "oms_core/services/change_order.py",
            "    if order.edit_version != version:\n",
            "    if order.edit_version < version:\n",
        ),
    ),
    # --- I7: money moves by events, never below zero -----------------------------------------------
    a_mutant(
        "more is refunded than was paid",
        "I7",
        (COUNTER, "no_more_money_moves and sqlite"),
        (SECOND, '"refunded_amount + charged_back_amount <= captured_amount"', '"1 = 1"'),
    ),
    a_mutant(
        "a payment takes another currency",
        "I7",
        (COUNTER, "does_not_fit_what_it_names and sqlite"),
        (f"{RULES}/counters.py", " and p.currency = {row}.currency", ""),
    ),
    a_mutant(
        "a provider's reference counts twice",
        "I7",
        (COUNTER, "reference_of_a_provider"),
        ("oms_core/storage/tables/payments.py", '    UniqueConstraint("provider", "provider_ref", "kind"),\n', ""),
        (
            SECOND,
            '"provider", "provider_ref", "kind", name=',
            '"payment_event_id", "provider", "kind", name=',
        ),
    ),
    # --- I8: lines and rows add up to the order -----------------------------------------------------
    a_mutant(
        "what is left of a discount is dropped",
        "I8",
        ("tests/oms_core/domain/test_charges.py", "share or remainder or discount"),
        ("oms_core/domain/charges.py", "        shares[position] += 1\n", "        shares[position] += 0\n"),
    ),
    a_mutant(
        "an order's own discount raises its total",
        "I8",
        (f"{SERVICES}/test_tampering.py", "sound_before and sqlite"),
        (
            "oms_core/storage/payment_store.py",
            '(row.kind == "discount", -row.amount)',
            '(row.kind == "discount", row.amount)',
        ),
    ),
    # --- I9: a message, and a command, takes effect once --------------------------------------------
    a_mutant(
        "the same message with other content is taken for a repetition",
        "I9",
        (FEED, "conflict and sqlite"),
        (
            "oms_core/storage/feed_inbox.py",
            "        elif known[identity] == message.sha256:\n",
            "        elif identity in known:\n",
        ),
    ),
    a_mutant(
        "messages are known by their content alone",
        "I9",
        (FEED, "same_key_of_another_account or known_key_with_other_content"),
        ("oms_core/storage/feed_inbox.py", "        feed_message.c.account == sender.account,\n", ""),
    ),
    a_mutant(
        "a key of another request is answered",
        "I9",
        (COMMANDS, "key_of_another_request and sqlite"),
        (
            "oms_core/services/commands.py",
            "    if (row.use_case, row.request_sha256) != (name, digest):\n",
            "    if not row.use_case:\n",
        ),
    ),
    a_mutant(
        "a command is kept in a transaction of its own",
        "I9",
        (COMMANDS, "after_the_commit_is_answered and sqlite"),
        (
            "oms_core/services/commands.py",
            "            record(unit, [Done(call.key, self.name, digest, outcome)])\n",
            "            rest.append(Done(call.key, self.name, digest, outcome))\n",
        ),
        (
            "oms_core/services/commands.py",
            "        return transact(engine, call, work)\n\n    def within",
            """        rest: list[Done] = []
        answer = transact(engine, call, work)
        transact(engine, call, lambda unit: record(unit, rest))
        return answer

    def within""",
        ),
    ),
    a_mutant(
        "nobody is told of what happens inside another use case",
        "I9",
        (COMMANDS, "inside_another_are_audited and sqlite"),
        ("oms_core/services/commands.py", "        record_effects(unit, [(unit.call.key, self.name, outcome)])\n", ""),
    ),
    # --- writers in each other's way ----------------------------------------------------------------
    a_mutant(
        "no second try",
        "I11",
        (COMMANDS, "eight_callers and postgresql"),
        ("oms_core/storage/engine.py", "_ATTEMPTS = 6", "_ATTEMPTS = 1"),
    ),
    a_mutant(
        "reads and writes in one transaction take no lock first",
        "I11",
        (f"{STORAGE}/test_writers_and_readers.py", "lose_no_update"),
        ("oms_core/storage/engine.py", 'get("sqlite_begin", "IMMEDIATE")', 'get("sqlite_begin", "DEFERRED")'),
    ),
    a_mutant(
        "nobody is asked for a permission",
        "roles",
        (f"{SERVICES}/test_role_matrix.py", "who_may_not and sqlite and viewer"),
        ("oms_core/services/commands.py", "        call.actor.require(self.permission, self.name)\n", ""),
    ),
    a_mutant(
        "a serial number is in two places",
        "I1",
        (COUNTER, "serial_number_is_in_one_place and sqlite"),
        (SECOND, "is_serial and on_hand = 1", "is_serial and on_hand = 2"),
    ),
)
