"""One row or more in every table of the core, written straight through SQLAlchemy: a small world that is consistent.

For tests of what the database refuses and of what `verify` finds; tests of use cases start from `tests/builders.py`.

The world: the builders' facts (three mugs at MAIN, three below zero at YARD), and at HUB the order 500 of ten pens, of
which one is cancelled, two are reserved and posted, one is still reserved, three are allocated, and one left with the
shipment 500, was delivered, came back and is on the shelf again. The ids of what stands alone are 500.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.services.refund_order import RefundOrder
from oms_core.storage.changes import SEQUENCES, next_change_id, take_ids
from oms_core.storage.tables import DOCUMENTS, metadata
from tests.builders import (
    NOW,
    a_balance,
    a_context,
    a_held_row,
    a_line,
    a_message,
    a_movement,
    a_place,
    a_return,
    an_order,
    contents,
    give,
    march,
)

PLACES = a_context(a_place(), a_place("YARD", allows_negative_stock=True), a_place("HUB"), a_place("ROAD"))
ACTOR = "test"
ON_SQLITE = pytest.mark.parametrize("module_core", ["sqlite"], indirect=True, scope="module")
ON_POSTGRESQL = pytest.mark.parametrize(
    "module_core", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True, scope="module"
)

RESULT = json.dumps({"order": "shop/H-1"}, sort_keys=True, separators=(",", ":"))
RESULT_SHA256 = hashlib.sha256(RESULT.encode()).hexdigest()


def fill_every_table(core: sa.Engine) -> None:
    """Make the world. No journal and no kept table is without a row afterwards."""
    give(
        core,
        an_order("A-1", a_line("1"), a_line("2", sku="CUP")),
        an_order("A-2"),
        a_return(),
        a_movement("in", units=5),
        a_movement("out", kind="ship", units=2, at=march(3)),
        a_movement("gone", kind="ship", units=3, location="YARD"),
        a_balance(5),
        a_message(a_held_row()),
        context=PLACES,
    )
    with core.begin() as connection:
        rows = Rows(connection)
        _goods(rows)
        _order(rows)
        _purchase(rows)
        _promises(rows)
        _shipment(rows)
        _return(rows)
        _money(rows)
        _stock_documents(rows)
        _company(rows)
        _command(rows)
        for sequence in SEQUENCES:  # what the core writes next gets ids above those of the world
            take_ids(connection, sequence, 600)


class Rows:
    """Adds rows with the clocks of one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.change_id = next_change_id(connection)

    def add(self, table_name: str, /, **values: Any) -> None:
        """One row; `actor`, `recorded_at`, `occurred_at` and `change_id` are filled in where the table has them."""
        table = metadata.tables[table_name]
        given = {"actor": ACTOR, "recorded_at": NOW, "occurred_at": march(4), "change_id": self.change_id, **values}
        known = {column.name for column in table.columns}
        self.connection.execute(
            table.insert().values({key: value for key, value in given.items() if key in known or key in values})
        )

    def event(self, kind: str, document_id: int, seq: int, event: str, before: str, after: str) -> None:
        """An event of a document."""
        self.add(
            "document_event",
            document_kind=kind,
            document_id=document_id,
            seq=seq,
            event=event,
            from_state=before,
            to_state=after,
        )

    def document(self, document_kind: str, /, *events: tuple[str, str], **values: Any) -> None:
        """A document of id 500 and its events, as (event, state it leads to)."""
        table, key = DOCUMENTS[document_kind]
        self.add(table, **{key: 500, "state": "none", "last_event_seq": 0, **values})
        before = "none"
        for seq, (event, after) in enumerate(events, start=1):
            self.event(document_kind, 500, seq, event, before, after)
            before = after


def a_ledger_row(**values: Any) -> dict[str, Any]:
    """A movement by hand: one mug shipped from MAIN on 4 March."""
    row = {
        "movement_id": 1_000,
        "account": "shop",
        "source_key": "by hand",
        "sku": "MUG",
        "location": "MAIN",
        "condition": "sellable",
        "kind": "ship",
        "quantity": -1,
        "occurred_at": march(4),
        "content_sha256": "",
        "actor": ACTOR,
        "recorded_at": NOW,
        "change_id": 1_000,
    }
    return {**row, **values}


def an_allocation(**values: Any) -> dict[str, Any]:
    """An allocation entry by hand: one more pen of line 500 is promised at HUB."""
    row = {
        "allocation_id": 900,
        "kind": "allocate",
        "order_id": 500,
        "line_id": 500,
        "sku": "PEN",
        "location": "HUB",
        "quantity": 1,
        "actor": ACTOR,
        "occurred_at": march(4),
        "recorded_at": NOW,
        "change_id": 1_000,
    }
    return {**row, **values}


def a_line_entry(**values: Any) -> dict[str, Any]:
    """An entry of line 500 by hand: one more pen is cancelled."""
    row = {
        "entry_id": 900,
        "line_id": 500,
        "order_id": 500,
        "kind": "cancel",
        "quantity": 1,
        "source_kind": "order",
        "source_ref": "H-1",
        "actor": ACTOR,
        "occurred_at": march(4),
        "recorded_at": NOW,
        "change_id": 1_000,
    }
    return {**row, **values}


def a_payment_event(**values: Any) -> dict[str, Any]:
    """An event of payment 500 by hand: one cent more is captured."""
    row = {
        "payment_event_id": 900,
        "payment_id": 500,
        "order_id": 500,
        "kind": "capture",
        "amount": 1,
        "currency": "EUR",
        "provider": "bank",
        "provider_ref": "by hand",
        "actor": ACTOR,
        "occurred_at": march(4),
        "recorded_at": NOW,
        "change_id": 1_000,
    }
    return {**row, **values}


def refuse(core: sa.Engine, statement: str, **values: Any) -> str:
    """The refusal's text, after nothing was found changed."""
    return _refused(core, sa.text(statement), values)


def refuse_row(core: sa.Engine, name: str, row: Mapping[str, Any]) -> str:
    """The refusal of a row written straight into a table."""
    return _refused(core, metadata.tables[name].insert().values(**row), {})


def _refused(core: sa.Engine, statement: sa.Executable, values: Mapping[str, Any]) -> str:
    before = contents(core)
    with pytest.raises(sa.exc.DBAPIError) as caught, core.begin() as connection:
        connection.execute(statement, dict(values))
    assert contents(core) == before
    return str(caught.value.orig)


def _goods(rows: Rows) -> None:
    rows.add("sku", sku="PEN")
    rows.add("sku", sku="PHONE", tracking="serial")
    rows.add("sku", sku="TEA", tracking="lot")
    rows.add("unit_cost", sku="PEN", location="", valid_from=0, unit_cost=100, cost_scale=2, currency="EUR")
    rows.add("lot", sku="PHONE", lot="S-1")
    rows.add("lot", sku="TEA", lot="L-1", expires_at=march(30))
    hub = {"location": "HUB", "kind": "receive", "occurred_at": march(2)}
    for number, (sku, units, lot) in enumerate([("PEN", 20, None), ("PHONE", 1, "S-1"), ("TEA", 9, "L-1")]):
        row = a_ledger_row(**hub, movement_id=500 + number, source_key=f"hub/{sku}", sku=sku, quantity=units, lot=lot)
        rows.add("stock_movement", **{**row, "change_id": rows.change_id})


def _order(rows: Rows) -> None:
    rows.add(
        "sales_order",
        order_id=500,
        account="shop",
        external_id="H-1",
        placed_at=march(3),
        currency="EUR",
        lifecycle="none",
        last_event_seq=0,
        fulfilled_here=True,
        edit_version=2,
        total_amount=1_750,  # 2,000 for ten pens, 200 of it cancelled with one, 50 off the whole order
    )
    rows.add("order_personal", order_id=500, name="A Buyer")
    rows.add(
        "order_line",
        line_id=500,
        order_id=500,
        line_key="1",
        line_kind="item",
        sku="PEN",
        quantity=10,
        line_amount=2_000,
        money_scale=2,
        content_sha256="",
        discount_amount=100,
        fulfilled_here=True,
    )
    steps = [("place", "none", "pending"), ("hold", "pending", "on_hold"), ("release", "on_hold", "confirmed")]
    for seq, (event, before, after) in enumerate(steps, start=1):
        rows.add("order_event", order_id=500, seq=seq, event=event, from_state=before, to_state=after)
    rows.add("order_hold", hold_id=500, order_id=500, kind="manual", reason="a look first")
    rows.add("order_hold_release", hold_id=500, resolution="looked at")
    rows.add("order_milestone", order_id=500, milestone="approved", seq=1)
    rows.add("order_change", order_id=500, version=2, before="{}", after="{}")
    rows.add("order_exception", kind="over_delivery", order_id=500, source_key="x", detail="one pen more")
    rows.add(
        "order_adjustment",
        adjustment_id=500,
        order_id=500,
        kind="discount",
        amount=100,
        money_scale=2,
        method="largest_remainder",
    )
    whole = {"kind": "discount", "amount": 50, "money_scale": 2, "method": "order"}
    rows.add("order_adjustment", adjustment_id=501, order_id=500, **whole)
    rows.add("order_adjustment_share", adjustment_id=500, line_id=500, amount=100)
    rows.add(
        "line_entry",
        **_entry(500, "cancel", 1, source_kind="order", source_ref="H-1", amount=200, discount=10, tax=0),
    )


def _entry(entry_id: int, kind: str, quantity: int, **values: Any) -> dict[str, Any]:
    row = {"entry_id": entry_id, "line_id": 500, "order_id": 500, "kind": kind, "quantity": quantity}
    return {**row, "source_kind": "return_request", "source_ref": "RR-1", **values}


def _purchase(rows: Rows) -> None:
    rows.add("supplier", supplier="MILL", name="The Mill")
    rows.add("supplier_price", supplier="MILL", sku="PEN", valid_from=0, unit_price=90, price_scale=2, currency="EUR")
    order = {"account": "shop", "number": "PO-1", "supplier": "MILL", "location": "HUB", "currency": "EUR"}
    steps = [("draft", "draft"), ("approve", "approved"), ("send", "sent"), ("receive_part", "partly_received")]
    rows.document("purchase_order", *steps, **order, ordered_at=march(1))
    rows.add(
        "purchase_order_line",
        po_line_id=500,
        po_id=500,
        line_key="1",
        sku="PEN",
        quantity=50,
        unit_price=90,
        price_scale=2,
        expected_at=march(20),
    )
    rows.add("po_line_expectation", po_line_id=500, seq=1, expected_at=march(20))
    rows.add("receipt", receipt_id=500, account="shop", number="RC-1", po_id=500, location="HUB", received_at=march(2))
    rows.add(
        "receipt_line", receipt_line_id=500, receipt_id=500, po_line_id=500, sku="PEN", quantity=20, rejected_quantity=0
    )
    rows.add("backorder_peg", peg_id=500, line_id=500, po_line_id=500, quantity=1, reason="waits for PO-1")


def _promises(rows: Rows) -> None:
    rows.add("allocation_decision", decision_id=500, order_id=500, strategy="standard@1", candidates="[]", chosen="[]")
    clock = {"change_id": rows.change_id}
    for row in (
        an_allocation(allocation_id=500, kind="reserve", quantity=2, expires_at=march(5)),
        an_allocation(allocation_id=501, kind="post", quantity=2, pending_id=500),
        an_allocation(allocation_id=502, kind="allocate", quantity=4),
        an_allocation(allocation_id=503, kind="reserve", quantity=1, expires_at=march(5)),
        an_allocation(allocation_id=504, kind="ship", quantity=1),
    ):
        rows.add("stock_allocation", **{**row, **clock})


def _shipment(rows: Rows) -> None:
    rows.add("wave", wave_id=500, number="W-1", location="HUB", released_at=march(4))
    steps = [("plan", "planned"), ("release", "released"), ("pick", "picking"), ("pack", "packed"), ("ship", "shipped")]
    steps += [("deliver", "delivered")]
    rows.document("shipment", *steps, number="SH-1", order_id=500, location="HUB", wave_id=500)
    rows.add("shipment_line", shipment_line_id=500, shipment_id=500, line_id=500, sku="PEN", quantity=1)
    rows.add("package", package_id=500, shipment_id=500)
    rows.add("handover_code", shipment_id=500, salt="s", code_hash="h", tries_left=3)
    rows.add("tracking_event", tracking_id=500, shipment_id=500, source="post", source_key="1", status="delivered")
    left = a_ledger_row(movement_id=510, source_key="shipment/SH-1/1", sku="PEN", location="HUB", quantity=-1)
    document = {"document_kind": "shipment", "document_ref": "SH-1", "change_id": rows.change_id}
    rows.add("stock_movement", **{**left, **document})
    rows.add("line_entry", **_entry(501, "ship", 1, source_kind="shipment", source_ref="SH-1"))
    rows.add("line_entry", **_entry(502, "deliver", 1, source_kind="shipment", source_ref="SH-1"))


def _return(rows: Rows) -> None:
    steps = [("request", "requested"), ("approve", "approved"), ("receive", "received")]
    asked = {"number": "RR-1", "order_id": 500, "kind": "return", "location": "HUB", "requested_at": march(5)}
    rows.document("return_request", *steps, **asked)
    rows.add("return_request_line", request_line_id=500, request_id=500, line_id=500, quantity=1, reason="too_small")
    for entry_id, kind in ((500, "receive"), (501, "restock")):
        rows.add("return_entry", entry_id=entry_id, request_line_id=500, kind=kind, quantity=1, location="HUB")
    for entry_id, kind, quantity in (
        (503, "return_request", 1),
        (504, "return_request", -1),
        (505, "return", 1),
        (506, "restock", 1),
    ):
        rows.add("line_entry", **_entry(entry_id, kind, quantity))
    back = a_ledger_row(movement_id=511, source_key="return_request/RR-1/1", sku="PEN", location="HUB", quantity=1)
    document = {"document_kind": "return_request", "document_ref": "RR-1", "change_id": rows.change_id}
    rows.add("stock_movement", **{**back, **document, "kind": "return_in"})


_EMPTY_CARD = {"currency": "EUR", "balance": 0, "last_entry_id": 0}


def _money(rows: Rows) -> None:
    rows.add(
        "stored_value",
        stored_value_id=500,
        kind="gift_card",
        code_hash="h",
        currency="EUR",
        balance=0,
        last_entry_id=0,
    )
    for entry_id, kind, amount in ((500, "issue", 5_000), (501, "redeem", -300)):
        rows.add(
            "stored_value_entry",
            entry_id=entry_id,
            stored_value_id=500,
            kind=kind,
            source_key=kind,
            amount=amount,
            reason="a present",
        )
    rows.add("payment", payment_id=500, order_id=500, account="shop", external_id="T-1", method="card", currency="EUR")
    for event_id, kind, amount in ((500, "authorize", 1_800), (501, "capture", 1_500), (502, "refund", 200)):
        row = a_payment_event(payment_event_id=event_id, kind=kind, amount=amount, provider_ref=f"R-{event_id}")
        rows.add("payment_event", **{**row, "change_id": rows.change_id})


def _stock_documents(rows: Rows) -> None:
    places = {"from_location": "HUB", "via_location": "ROAD", "to_location": "MAIN"}
    rows.document("transfer", ("draft", "draft"), number="TR-1", **places)
    rows.add("transfer_line", transfer_line_id=500, transfer_id=500, sku="PEN", quantity=1)
    rows.document("stock_count", ("open", "open"), ("count", "counted"), number="CT-1", location="HUB")
    rows.add(
        "stock_count_line",
        count_line_id=500,
        count_id=500,
        sku="PEN",
        condition="sellable",
        expected=20,
        counted=20,
    )
    rows.add(
        "count_suspicion",
        suspicion_id=500,
        sku="PEN",
        location="HUB",
        quantity=1,
        source_kind="shipment",
        source_ref="SH-1",
    )
    rows.add("count_suspicion_answer", suspicion_id=500, count_id=500)


def _company(rows: Rows) -> None:
    rows.add("bundle_component", bundle_sku="TEA", component_sku="PEN", quantity=1)
    rows.add("exchange_rate", currency="USD", base_currency="EUR", valid_from=0, rate=92, rate_scale=2)
    rows.add("policy", kind="holds", version=1, document="rules: []")
    request = json.dumps(asdict(RefundOrder("shop/H-1", "1.00", "too small")))
    asked = {"number": "AP-1", "use_case": "payment.refund", "request": request, "requested_by": ACTOR}
    asked["reason"] = "a lot"
    rows.document("approval", ("request", "pending"), **asked)


def _command(rows: Rows) -> None:
    who = {"actor": ACTOR, "role": "ops_lead"}
    about = {"object_kind": "order", "object_ref": "shop/H-1"}
    rows.add("command", command_key="k-1", use_case="order.confirm", request_sha256="r", result=RESULT, **who)
    rows.add(
        "audit_entry",
        entry_id=500,
        action="order.confirm",
        command_key="k-1",
        topic="order.confirmed",
        content_sha256=RESULT_SHA256,
        **who,
        **about,
    )
    rows.add(
        "outbox_message",
        message_id=500,
        message_key="k-1/order.confirmed/shop/H-1/500",
        topic="order.confirmed",
        payload=RESULT,
        **about,
    )
