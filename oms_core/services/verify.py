"""`verify`: every invariant recomputed from the journals, with the rows that break it.

Nothing is repaired here. `facts_digest` is one number for what the core knows, whatever ids and recording times
it was given: equal digests mean equal facts.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.documents import DOCUMENT_TRANSITIONS
from oms_core.domain.orders import TRANSITIONS
from oms_core.services.amount_checks import other_totals
from oms_core.services.core_checks import CORE_CHECKS
from oms_core.services.counter_checks import counter_checks
from oms_core.services.database_checks import changed_rules, missing_constraints, orphans
from oms_core.services.document_checks import document_checks
from oms_core.services.written_checks import (
    changed_answers,
    changed_deliveries,
    changed_messages,
    written_checks,
)
from oms_core.storage import schema
from oms_core.storage.stock_ledger import stock_at
from oms_core.storage.tables import document_transition, order_transition, stock_snapshot


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: its name, what it means, and the rows that break it."""

    name: str
    meaning: str
    rows: list[dict[str, Any]]


_CHECKS: dict[str, tuple[str, str]] = {
    "balance_is_sum_of_movements": (
        "on hand of a SKU, location and condition equals the sum of its movements",
        """
        select coalesce(b.sku, m.sku) as sku, coalesce(b.location, m.location) as location,
            coalesce(b.condition, m.condition) as condition, b.on_hand, m.moved
        from stock_balance as b
        full join (select sku, location, condition, sum(quantity) as moved from stock_movement
            group by sku, location, condition) as m
            on b.sku = m.sku and b.location = m.location and b.condition = m.condition
        where b.on_hand is null or m.moved is null or b.on_hand <> m.moved""",
    ),
    "nothing_oversold": (
        "promised units never exceed what is there, and stock below zero is allowed or explained",
        """
        select b.sku, b.location, b.condition, b.on_hand, b.committed, b.shortage from stock_balance as b
        left join stock_exception as e on e.sku = b.sku and e.location = b.location and e.condition = b.condition
        where b.committed < 0 or (not b.allows_negative and b.committed > b.on_hand + b.shortage)
            or (b.on_hand < 0 and e.sku is null)""",
    ),
    "shortage_is_sum_of_exceptions": (
        "the units that may be missing from a balance are those that recorded shortages explain",
        """
        select b.sku, b.location, b.condition, b.shortage, coalesce(e.explained, 0) as explained
        from stock_balance as b
        left join (select sku, location, condition, sum(quantity) as explained from stock_exception
            where kind = 'shortage' group by sku, location, condition) as e
            on e.sku = b.sku and e.location = b.location and e.condition = b.condition
        where b.shortage <> coalesce(e.explained, 0)""",
    ),
    "policy_is_the_locations": (
        "each balance follows its location's negative-stock policy",
        """
        select b.sku, b.location, b.condition, b.allows_negative from stock_balance as b
        join location as l on l.location = b.location where l.allows_negative_stock <> b.allows_negative""",
    ),
    "reversal_mirrors_its_movement": (
        "a reversal has the same SKU, location, condition and kind as its movement and the opposite quantity",
        """
        select r.movement_id, r.reverses_id from stock_movement as r
        join stock_movement as o on o.movement_id = r.reverses_id
        where r.sku <> o.sku or r.location <> o.location or r.condition <> o.condition or r.kind <> o.kind
            or r.quantity <> -o.quantity or o.reverses_id is not null""",
    ),
    "state_is_the_last_event": (
        "an order's state and event number are those of its last event",
        """
        select o.order_id, o.lifecycle, o.last_event_seq, e.to_state, e.seq from sales_order as o
        left join order_event as e on e.order_id = o.order_id
            and e.seq = (select max(seq) from order_event as l where l.order_id = o.order_id)
        where e.seq is null or e.seq <> o.last_event_seq or e.to_state <> o.lifecycle""",
    ),
    "events_follow_each_other": (
        "each event starts from the state that the one before it left, without a gap in the numbers",
        """
        select e.order_id, e.seq, e.from_state, p.to_state as before from order_event as e
        left join order_event as p on p.order_id = e.order_id and p.seq = e.seq - 1
        where (e.seq = 1 and e.from_state <> 'none')
            or (e.seq > 1 and (p.seq is null or p.to_state <> e.from_state))""",
    ),
    "transition_is_legal": (
        "every event is in the transition table",
        """
        select e.order_id, e.seq, e.event from order_event as e
        left join order_transition as t
            on t.from_state = e.from_state and t.event = e.event and t.to_state = e.to_state
        where t.event is null""",
    ),
    "every_message_is_settled": (
        "each message of the inbox took effect, or is stale, in the transaction that stored it",
        """
        select m.message_id, m.source, m.natural_key from feed_message as m
        left join feed_applied as a on a.message_id = m.message_id where a.message_id is null""",
    ),
    "goods_lines_name_an_article": (
        "a line of goods has a SKU",
        "select line_id, order_id from order_line where line_kind = 'item' and sku is null",
    ),
    "an_order_has_lines": (
        "no order is without a line, but for one whose source lists none",
        """
        select o.order_id, o.external_id from sales_order as o
        left join order_line as l on l.order_id = o.order_id
        left join (select distinct account, natural_key from feed_message where kind = 'order_headers') as h
            on h.account = o.account and h.natural_key = o.external_id
        where l.order_id is null and h.natural_key is null""",
    ),
}


def run_checks(connection: sa.Connection) -> list[Check]:
    """Every invariant with its breaking rows (at most 100 each). Raises InvalidRequestError HOME_NOT_READY."""
    schema.require(connection)
    statements = _CHECKS | CORE_CHECKS | document_checks() | counter_checks() | written_checks()
    checks = [Check(name, meaning, _rows(connection, text)) for name, (meaning, text) in statements.items()]
    checks += [Check(name, meaning, find(connection)) for name, (meaning, find) in _SEARCHES.items()]
    if connection.dialect.name == "sqlite":
        damaged = [
            {"message": text} for (text,) in connection.exec_driver_sql("pragma integrity_check(100)") if text != "ok"
        ]
        checks.append(Check("file_is_sound", "SQLite finds no damage in the file", damaged))
    return checks


def _rows(connection: sa.Connection, statement: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sa.text(f"{statement} limit 100")).mappings()]


def _other_steps(connection: sa.Connection) -> list[dict[str, Any]]:
    known = {("order", *map(str, step)) for step in TRANSITIONS} | set(DOCUMENT_TRANSITIONS)
    found = {("order", *row) for row in connection.execute(sa.select(order_transition))}
    found |= {tuple(row) for row in connection.execute(sa.select(document_transition))}
    names = ("document", "from_state", "event", "to_state")
    return [dict(zip(names, step, strict=True)) for step in sorted(known ^ found)]


_SEARCHES: dict[str, tuple[str, Callable[[sa.Connection], list[dict[str, Any]]]]] = {
    "commands_answer_as_audited": ("each command's answer is the one its audit entry was made of", changed_answers),
    "deliveries_are_as_received": (
        "each message of the inbox is as it was received",
        changed_deliveries,
    ),
    "order_totals_add_up": ("an order's total is that of its lines and rows as they stand", other_totals),
    "messages_say_what_was_audited": ("each outgoing message says what was audited with it", changed_messages),
    "transitions_are_this_releases": ("the transition table is the release's own", _other_steps),
    "rules_in_place": ("every trigger of this release is in the database as released, and no other", changed_rules),
    "constraints_in_place": ("every check, key and reference of this release is in the database", missing_constraints),
    "references_hold": ("every reference leads to a row", orphans),
}


def reconciliation(connection: sa.Connection) -> dict[str, Any]:
    """Observed balances against the ledger at their instants: {"compared", "different", "rows"} (rows: first 100).

    A difference is a finding to look into, not a broken invariant: the ledger is never bent to an observation.
    """
    instants: list[int] = list(connection.execute(sa.select(stock_snapshot.c.observed_at).distinct()).scalars())
    ledger = {(it.at, it.sku, it.location, it.condition): it.on_hand for it in stock_at(connection, instants)}
    names = ("observed_at", "sku", "location", "condition", "quantity")
    compared = different = 0
    rows: list[dict[str, Any]] = []
    for row in connection.execute(
        sa.select(*(stock_snapshot.c[name] for name in names)).order_by(stock_snapshot.c.observed_at)
    ):
        compared += 1
        on_hand = ledger.get((row.observed_at, row.sku, row.location, row.condition), 0)
        if on_hand != row.quantity:
            different += 1
            if len(rows) < 100:  # noqa: PLR2004 - as many as a person reads
                rows.append({**dict(zip(names, row, strict=True)), "on_hand": on_hand})
    return {"compared": compared, "different": different, "rows": rows}


# Facts by what they are called outside, effective ones only: a movement and its reversal cancel out.
_FACTS = {
    "orders": """
        select account, external_id, placed_at, currency, base_currency, base_rate, base_rate_scale, country, lifecycle,
            o.source_version, (select external_ref from customer_personal as p where p.customer_id = o.customer_id)
        from sales_order as o""",
    "order_lines": """
        select o.account, o.external_id, l.line_key, l.line_kind, l.sku, l.title, l.quantity, l.unit_price,
            l.line_amount, l.money_scale, l.content_sha256, l.cancelled_quantity, l.discount_amount, l.tax_amount
        from order_line as l join sales_order as o on o.order_id = l.order_id""",
    "returns": """
        select account, external_id, order_external_id, returned_at, currency, base_currency, base_rate, country,
            (select external_ref from customer_personal as p where p.customer_id = r.customer_id)
        from return_order as r""",
    "return_lines": """
        select r.account, r.external_id, l.line_key, l.line_kind, l.sku, l.title, l.quantity, l.unit_price,
            l.line_amount, l.money_scale, l.content_sha256, l.reason
        from return_line as l join return_order as r on r.return_id = l.return_id""",
    "movements": """
        select m.account, case when m.kind = 'opening' then '' else m.source_key end, m.sku, m.location, m.condition,
            m.kind, m.quantity, m.occurred_at, m.order_account, m.order_external_id
        from stock_movement as m where m.reverses_id is null
            and not exists (select 1 from stock_movement as r where r.reverses_id = m.movement_id)""",
    "balances": "select sku, location, condition, on_hand from stock_balance",
    "observations": """
        select account, sku, location, condition, observed_at, quantity, unit_cost, cost_scale, currency
        from stock_snapshot""",
    "costs": "select sku, location, valid_from, unit_cost, cost_scale, currency from unit_cost",
    "skus": "select sku, title, category from sku",
    "accounts": "select account, channel, name, moves_stock from channel_account",
    "locations": """
        select location, name, country, allows_negative_stock, opening_from_first_balance, valuation, listing
        from location""",
    "milestones": """
        select o.account, o.external_id, m.milestone, m.occurred_at from order_milestone as m
        join sales_order as o on o.order_id = m.order_id
        where m.seq = (select max(seq) from order_milestone as l
            where l.order_id = m.order_id and l.milestone = m.milestone)""",
    "payments": """
        select p.account, p.external_id, p.method, p.currency, p.authorized_amount, p.captured_amount, p.voided_amount,
            p.refunded_amount, p.charged_back_amount, o.external_id
        from payment as p join sales_order as o on o.order_id = p.order_id""",
    "purchase_orders": """
        select p.account, p.number, p.supplier, p.location, p.currency, p.ordered_at, p.state, l.line_key, l.sku,
            l.quantity, l.unit_price, l.price_scale, l.expected_at, l.received_quantity, l.rejected_quantity
        from purchase_order as p left join purchase_order_line as l on l.po_id = p.po_id""",
    "parked": "select account, waits_for, kind, fact from feed_parked",
    "quarantine": """
        select source, account, kind, row_key, path, row_number, "column", rule, value, reason, payload, state
        from feed_quarantine""",
}


def facts_digest(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    """By kind of fact: how many, and a digest of them that does not depend on their order."""
    schema.require(connection)
    return {name: _digest(connection.execute(sa.text(statement))) for name, statement in _FACTS.items()}


def _digest(rows: Iterable[Any]) -> dict[str, Any]:
    count = total = 0
    for text in _texts(rows):
        count += 1
        total = (total + int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")) % (1 << 256)
    return {"rows": count, "sha256": f"{total:064x}"}


def _texts(rows: Iterable[Any]) -> Iterator[str]:
    for row in rows:
        yield "\x1f".join(
            "\x00" if cell is None else str(int(cell)) if isinstance(cell, bool) else str(cell) for cell in row
        )
