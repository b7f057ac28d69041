"""An order written as a JSON object: parsed into a `PlaceOrder`, every unknown or unfit entry named.

Money is written as text or whole numbers ("12.50", 12), never as binary fractions; instants with their zone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from oms_core.domain.charges import posted
from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import to_micros
from oms_core.domain.money import Exact, currency_digits, parse_exact
from oms_core.domain.order_requests import Address, NewCharge, NewCustomer, NewLine, NewPayment, PlaceOrder

_TAX_SCALE = 6  # rates in millionths
_HEADER = {
    *("account", "number", "placed_at", "currency", "lines", "prices_include_tax", "customer", "ship_to"),
    *("payment_terms", "payments", "charges", "delivery_method", "priority", "source_total", "note"),
}
_LINE = {"key", "sku", "quantity", "unit_price", "kind", "title", "discount", "tax_rate", "tax"}


def parse_order(document: object) -> PlaceOrder:
    """The order that the object describes; amounts at the most digits any of its lines and charges needs.

    Raises:
        InvalidRequestError: ORDER_INVALID, naming the entry.
    """
    it = _object("the order", document, _HEADER)
    lines = [_object(f"line {at}", line, _LINE) for at, line in enumerate(_list("lines", it.get("lines")), start=1)]
    charges = [_object("a charge", row, {"kind", "amount", "code"}) for row in _list("charges", it.get("charges", []))]
    currency = _text("currency", it.get("currency"))
    amounts = [*_line_amounts(lines), *(_exact("amount", row.get("amount")) for row in charges)]
    scale = max([currency_digits(currency), *(amount.scale for amount in amounts)])
    return PlaceOrder(
        account=_text("account", it.get("account")),
        number=_text("number", it.get("number")),
        placed_at=_instant("placed_at", it.get("placed_at")),
        currency=currency,
        lines=tuple(_line(at, line, scale) for at, line in enumerate(lines, start=1)),
        money_scale=scale,
        prices_include_tax=_flag("prices_include_tax", it.get("prices_include_tax", False)),
        customer=_customer(it.get("customer")),
        ship_to=_address(it.get("ship_to")),
        payment_terms=_text("payment_terms", it.get("payment_terms", "prepaid")),
        payments=tuple(_payment(row, currency) for row in _list("payments", it.get("payments", []))),
        charges=tuple(
            NewCharge(
                _text("kind", row.get("kind")),
                _exact("amount", row.get("amount")).at(scale),
                _text_or_none("code", row.get("code")),
            )
            for row in charges
        ),
        delivery_method=_text_or_none("delivery_method", it.get("delivery_method")),
        priority=None if it.get("priority") is None else _whole("priority", it["priority"]),
        source_total=None if it.get("source_total") is None else _minor("source_total", it["source_total"], currency),
        note=_text_or_none("note", it.get("note")),
    )


def parse_added(documents: object) -> tuple[int, tuple[NewLine, ...]]:
    """Lines to add to an order, and the digits their amounts are at.

    Raises:
        InvalidRequestError: ORDER_INVALID, naming the entry.
    """
    lines = [_object(f"line {at}", line, _LINE) for at, line in enumerate(_list("add", documents), start=1)]
    scale = max([amount.scale for amount in _line_amounts(lines)], default=0)
    if any("key" not in line for line in lines):
        raise _invalid("key", "must be given, and be another than those of the lines there are")
    return scale, tuple(_line(at, line, scale) for at, line in enumerate(lines, start=1))


def _line_amounts(lines: Sequence[Mapping[str, Any]]) -> list[Exact]:
    amounts = [_exact(name, line.get(name, 0)) for line in lines for name in ("unit_price", "discount")]
    return amounts + [_exact("tax", line["tax"]) for line in lines if line.get("tax") is not None]


def parse_address(document: object) -> Address:
    """An address, as it is written for an order.

    Raises:
        InvalidRequestError: ORDER_INVALID, naming the entry.
    """
    it = _object("ship_to", document, set(Address._fields))
    return Address(**{name: _text_or_none(name, value) for name, value in it.items()})


def _address(document: object) -> Address | None:
    return None if document is None else parse_address(document)


def _customer(document: object) -> NewCustomer | None:
    if document is None:
        return None
    it = _object("customer", document, set(NewCustomer._fields))
    person = {name: _text_or_none(name, it.get(name)) for name in ("name", "email", "phone")}
    return NewCustomer(_text("reference", it.get("reference")), **person)


def _line(position: int, it: Mapping[str, Any], scale: int) -> NewLine:
    rate = it.get("tax_rate")
    return NewLine(
        line_key=_text("key", str(it.get("key", position))),
        sku=_text_or_none("sku", it.get("sku")),
        quantity=_whole("quantity", it.get("quantity")),
        unit_price=_at("unit_price", it.get("unit_price"), scale),
        line_kind=_text("kind", it.get("kind", "item")),
        title=_text_or_none("title", it.get("title")),
        discount=_at("discount", it.get("discount", 0), scale),
        tax_rate=None if rate is None else _at("tax_rate", rate, _TAX_SCALE),
        tax=None if it.get("tax") is None else _at("tax", it["tax"], scale),
    )


def _payment(document: object, currency: str) -> NewPayment:
    it = _object("a payment", document, set(NewPayment._fields))
    return NewPayment(
        method=_text("method", it.get("method")),
        kind=_text("kind", it.get("kind", "capture")),
        amount=_minor("amount", it.get("amount"), currency),
        provider=_text("provider", it.get("provider")),
        provider_ref=_text("provider_ref", it.get("provider_ref")),
    )


def _object(name: str, value: object, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _invalid(name, "must be an object")
    if unknown := sorted(map(str, set(value) - known)):
        raise _invalid(name, f"has an unknown entry {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return value


def _list(name: str, value: object) -> Sequence[Any]:
    if not isinstance(value, list):
        raise _invalid(name, "must be a list")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _invalid(name, "must be text")
    return value.strip()


def _text_or_none(name: str, value: object) -> str | None:
    return None if value is None or value == "" else _text(name, value)


def _whole(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _invalid(name, f"must be a whole number, not {value!r}")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _invalid(name, "must be true or false")
    return value


def _exact(name: str, value: object) -> Exact:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _invalid(name, f'must be an amount like "12.50", not {value!r}')
    try:
        return parse_exact(str(value).strip())
    except ValueError:
        raise _invalid(name, f'must be an amount like "12.50", not {value!r}') from None


def _at(name: str, value: object, scale: int) -> int:
    exact = _exact(name, value)
    if exact.scale > scale:
        raise _invalid(name, f"has more than {scale} digits after the point")
    return exact.at(scale)


def _minor(name: str, value: object, currency: str) -> int:
    exact, digits = _exact(name, value), currency_digits(currency)
    if exact.scale > digits and Exact(posted(exact, currency), digits).at(exact.scale) != exact.units:
        raise _invalid(name, f"has more than the {digits} digits of {currency}")
    return posted(exact, currency)


def _instant(name: str, value: object) -> int:
    text = _text(name, value)
    try:
        return to_micros(datetime.fromisoformat(text))
    except ValueError:
        raise _invalid(name, f"must be an instant with its zone, not {text!r}") from None


def _invalid(name: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(
        "ORDER_INVALID", f"{name}: {problem}", remedy="Correct the entry and send the order again.", field=name
    )
