"""Orders that were sold, for tests of money and returns: reported by a feed, then shipped and delivered by entries."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from oms_core.domain.errors import OmsError
from oms_core.domain.permissions import Actor, Permission, Role
from oms_core.services.approvals import DecideApproval
from oms_core.services.commands import Call, Outcome, Unit, UseCase
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.services.refund_order import decide_refund
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.orders_found import find_order
from oms_core.storage.tables import order_line
from tests.builders import NOW, a_line, an_order, contents, give, march

DELIVERED = march(10, 12)


def a_call(role: str = "ops_lead", *, name: str = "Ann", key: str | None = None, now: int = NOW, **more: Any) -> Call:
    """A call under a fresh key."""
    return Call(key or str(uuid4()), Actor(name, Role(role), **more), now)


def sold(core: sa.Engine, number: str = "A-1", *lines: Any, delivered: bool = True, **more: Any) -> str:
    """The reference of an order; every unit of goods shipped and delivered on 10 March. One mug of 5.00 by default."""
    give(core, an_order(number, *(lines or [a_line()]), **more))
    if delivered:
        deliver(core, number)
    return f"shop/{number}"


@dataclass(frozen=True, slots=True)
class _Delivery:
    number: str
    at: int
    units: tuple[tuple[str, int], ...]


def _deliver(unit: Unit, request: _Delivery) -> Outcome:
    order = find_order(unit.connection, f"shop/{request.number}")
    line = order_line.c
    lines = unit.connection.execute(
        sa.select(order_line).where(line.order_id == order.order_id, line.line_kind == "item")
    )
    units = dict(request.units)
    wanted = [
        (row.line_id, units.get(row.line_key, 0) if units else row.quantity - row.cancelled_quantity) for row in lines
    ]
    for kind in ("ship", "deliver"):
        entries = [
            LineEntry(line_id, order.order_id, kind, count, "feed", f"S-{request.number}", request.at)
            for line_id, count in wanted
            if count
        ]
        add_line_entries(unit.connection, unit.stamp, entries)
    return Outcome("order", request.number, {}, "order.delivered")


def deliver(core: sa.Engine, number: str, *, at: int = DELIVERED, **units: int) -> None:
    """Ship and deliver what is open of an order's goods, or the units given by line key (`_1` for line 1)."""
    given = tuple((key.removeprefix("_"), count) for key, count in units.items())
    UseCase("test.deliver", Permission.DELIVER, _deliver)(core, _Delivery(number, at, given), a_call())


_PAID = {"card": ("authorize", "capture"), "cash_on_delivery": ("authorize",)}


def pay(
    core: sa.Engine, order: str, amount: str, *, method: str = "alipay", ref: str | None = None, **more: Any
) -> None:
    """Pay an amount: authorised and captured where the method has two steps, cash only promised."""
    reference = ref or str(uuid4())
    for event in _PAID.get(method, ("capture",)):
        record_payment(core, RecordPayment(order, event, method, amount, method, reference, **more), a_call())


def decided(core: sa.Engine, approval: str, *, approve: bool = True, call: Call | None = None) -> Any:
    """The answer of a second person to a refund (or an issue) that waits."""
    return decide_refund(core, DecideApproval(approval, approve, "looked at"), call or a_call("finance", name="Bea"))


@contextlib.contextmanager
def refused(core: sa.Engine, code: str) -> Iterator[Any]:
    """What happens inside is refused with this code, and nothing has changed."""
    before = contents(core)
    with pytest.raises(OmsError) as raised:
        yield raised
    assert raised.value.code == code, raised.value
    assert contents(core) == before
