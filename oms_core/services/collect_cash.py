"""Cash on delivery: captured in the transaction of the delivery, for what was delivered and is not paid yet."""

from oms_core.domain.charges import posted, share_of_units, sum_exact
from oms_core.domain.money import Exact
from oms_core.domain.orders import LineKind
from oms_core.domain.payments import PaymentEvent, PaymentMethod
from oms_core.services.commands import Unit
from oms_core.services.tenders import Happening, OrderMoney, add_happening, money_by_id, tender_for
from oms_core.storage import payment_store
from oms_core.storage.payment_store import LineMoney, TenderRow

_PROVIDER = "cash_on_delivery"


def collect_on_delivery(unit: Unit, order_id: int, shipment: str) -> int:
    """The cash captured for a delivery, at the currency's digits: the worth of what is delivered less what is paid.

    To be called after the delivery's line entries. An order on cash-on-delivery terms needs no promise beforehand:
    what is due at the door is promised and captured together. With the last delivery the rest of a promise is voided.
    """
    money = money_by_id(unit, order_id)
    on_terms = money.order.payment_terms == PaymentMethod.CASH_ON_DELIVERY
    row = next((row for row in money.tenders if _is_open_cash(row)), None)
    if row is None and not on_terms:
        return 0
    lines = payment_store.line_money(unit.connection, money.family)
    is_last = all(line.delivered >= line.quantity for line in lines if _is_goods(line))
    promised = row.tender.open_authorization if row else 0
    others = money.cover.paid + money.cover.promised - promised
    due = max((money.total if is_last else _worth_so_far(money, lines)) - others, 0)
    if on_terms and due > promised:
        row = row or tender_for(unit, money, PaymentMethod.CASH_ON_DELIVERY, _PROVIDER, None)
        row = _happened(unit, row, PaymentEvent.AUTHORIZE, due - promised, shipment)
    if row is None:
        return 0
    amount = min(due, row.tender.open_authorization)
    if amount:
        row = _happened(unit, row, PaymentEvent.CAPTURE, amount, shipment)
    if is_last and row.tender.open_authorization:
        _happened(unit, row, PaymentEvent.VOID, row.tender.open_authorization, shipment)
    return amount


def _is_open_cash(row: TenderRow) -> bool:
    return row.tender.method is PaymentMethod.CASH_ON_DELIVERY and row.tender.open_authorization > 0


def _is_goods(line: LineMoney) -> bool:
    return line.line_kind == LineKind.ITEM.value and not line.is_bundle


def _worth_so_far(money: OrderMoney, lines: list[LineMoney]) -> int:
    """What the delivered units cost; shipping, fees and bundles are due with the last delivery."""
    parts = [
        Exact(share_of_units(it.amount.units, it.quantity, taken=0, units=it.delivered), it.amount.scale)
        for it in lines
        if _is_goods(it) and it.quantity > 0
    ]
    return posted(sum_exact(parts), money.order.currency)


def _happened(unit: Unit, row: TenderRow, event: PaymentEvent, amount: int, shipment: str) -> TenderRow:
    what = Happening(event, amount, _PROVIDER, f"{shipment}/{row.payment_id}", unit.call.now)
    return add_happening(unit, row, what)[0]
