"""What tests of allocation share: a shop with two sites, policies, purchase orders, and what is promised to whom."""

from typing import Any

import sqlalchemy as sa
import yaml

from oms_core.domain.permissions import Actor, Role
from oms_core.services.allocate_order import AllocateOrder, RunAllocation, allocate_order, run_allocation
from oms_core.services.locations import DefineLocation, define_location
from oms_core.services.place_orders import Placement, place_orders
from oms_core.services.policies import SetPolicy, set_policy
from oms_core.services.purchase_orders import (
    DraftPurchaseOrder,
    OrderedLine,
    PurchaseOrderStep,
    approve_purchase_order,
    draft_purchase_order,
    send_purchase_order,
)
from oms_core.services.suppliers import DefineSupplier, define_supplier
from tests.builders import NOW, rows_of
from tests.order_cases import FEED, LEAD, a_call, open_shop, stock_up, to_place

ADMIN = Actor("Ada", Role.ADMIN)
PLANNER = Actor("Petra", Role.PLANNER)
OTHER_ACCOUNT = Actor("olga", Role.SUPPORT, accounts=frozenset({"outlet"}))
POTTER = DefineSupplier("POTTER", "Potter & Son", currency="EUR", lead_time_days=14, late_days_p90=3)


def a_stocked_shop(core: sa.Engine, **units: int) -> sa.Engine:
    """The account `shop`, the sites MAIN and YARD in Germany, and units by `SKU_SITE`."""
    open_shop(core)
    for name, count in units.items():
        sku, _, place = name.partition("_")
        stock_up(core, sku, count, location=place)
    for place in ("MAIN", "YARD"):
        define_site(core, place)
    return core


def define_site(core: sa.Engine, place: str, **more: Any) -> None:
    """A site of this description."""
    define_location(core, DefineLocation(place, place.title(), **({"country": "DE"} | more)), a_call())


def set_strategies(core: sa.Engine, **document: Any) -> None:
    """A policy `allocation` with these parts; `default` is as usual unless it is given."""
    document["strategies"] = {"default": {}, "one_parcel": {"may_split": False}} | document.get("strategies", {})
    set_policy(core, SetPolicy("allocation", yaml.safe_dump(document), "a test"), a_call(ADMIN))


def place_many(core: sa.Engine, numbers: list[str], *lines: Any, **more: Any) -> None:
    """Many orders at once; the lines of each are these."""
    placements = [Placement(f"place-{number}", to_place(number, *lines, **more)) for number in numbers]
    for start in range(0, len(placements), 500):
        answers = place_orders(core, placements[start : start + 500], FEED, NOW)
        assert all(it.document and it.document["status"] == "confirmed" for it in answers), answers[0]


def allocate(core: sa.Engine, order: str, *avoid: str, by: Actor = LEAD, now: int = NOW) -> dict[str, Any]:
    """What the order got."""
    return allocate_order(core, AllocateOrder(order, avoid), a_call(by, now=now)).document


def run(core: sa.Engine, *skus: str, by: Actor = LEAD, now: int = NOW) -> dict[str, Any]:
    """Serve what waits."""
    return run_allocation(core, RunAllocation(skus=skus), a_call(by, now=now)).document


def got(document: dict[str, Any]) -> list[tuple[str, str, int]]:
    """(sku, location, units) that an allocation promised."""
    return sorted((it["sku"], it["location"], it["quantity"]) for it in document["allocated"])


def missing(document: dict[str, Any]) -> dict[str, int]:
    """Missing units by SKU."""
    units: dict[str, int] = {}
    for it in document["missing"]:
        units[it["sku"]] = units.get(it["sku"], 0) + it["quantity"]
    return units


def promised(core: sa.Engine) -> list[tuple[str, str, str, int, int]]:
    """(order, sku, location, reserved, allocated) of everything that is promised."""
    statement = """select o.external_id, p.sku, p.location, p.reserved, p.allocated from line_allocation as p
        join sales_order as o on o.order_id = p.order_id where p.reserved + p.allocated > 0
        order by o.external_id, p.sku, p.location, p.line_id"""
    return rows_of(core, statement)


def free(core: sa.Engine, sku: str = "MUG") -> dict[str, int]:
    """Units that can be promised, by location."""
    statement = f"""select location, on_hand + shortage - committed from stock_balance
        where sku = '{sku}' and condition = 'sellable' order by location"""
    return dict(rows_of(core, statement))


def buy(core: sa.Engine, number: str, expected_at: int, **units: int) -> None:
    """A purchase order that was sent, expected at an instant, units by SKU; the supplier is late by up to 3 days."""
    define_supplier(core, POTTER, a_call())
    lines = tuple(OrderedLine(sku, count, "1.80", expected_at) for sku, count in units.items())
    draft_purchase_order(core, DraftPurchaseOrder("POTTER", "MAIN", lines, number), a_call(PLANNER))
    approve_purchase_order(core, PurchaseOrderStep(number), a_call())
    send_purchase_order(core, PurchaseOrderStep(number), a_call(PLANNER))


def pegs(core: sa.Engine) -> list[tuple[str, str, str, int]]:
    """(order, sku, purchase order, units) that wait now."""
    statement = """select o.external_id, l.sku, p.number, b.quantity from backorder_peg as b
        join order_line as l on l.line_id = b.line_id join sales_order as o on o.order_id = l.order_id
        join purchase_order_line as q on q.po_line_id = b.po_line_id join purchase_order as p on p.po_id = q.po_id
        where b.quantity > 0 and not exists (select 1 from backorder_peg as n where n.line_id = b.line_id
            and n.po_line_id = b.po_line_id and n.peg_id > b.peg_id)
        order by o.external_id, l.sku, p.number"""
    return rows_of(core, statement)


def told(core: sa.Engine, topic: str) -> list[str]:
    """What outbox messages of a topic are about, in order."""
    statement = f"select object_ref from outbox_message where topic = '{topic}' order by message_id"
    return [row[0] for row in rows_of(core, statement)]


def count(core: sa.Engine, table: str) -> int:
    """Rows of a table."""
    return int(rows_of(core, f"select count(*) from {table}")[0][0])
