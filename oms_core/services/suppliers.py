"""Suppliers, and what they ask for an article: price, minimum, pack size, lead time, valid from an instant on."""

from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.money import Exact, parse_exact
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.storage.lot_store import tracking_of
from oms_core.storage.purchase_store import add_price, find_supplier, price_from, set_supplier


@dataclass(frozen=True, slots=True)
class DefineSupplier:
    """A supplier. `late_days_p90`: nine in ten deliveries are at most so many days after the expected one."""

    supplier: str
    name: str
    country: str | None = None
    currency: str | None = None
    lead_time_days: int | None = None
    late_days_p90: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class SetSupplierPrice:
    """A price from an instant on (null: now); `unit_price` as written, such as 2.35."""

    supplier: str
    sku: str
    unit_price: str
    currency: str
    valid_from: int | None = None
    minimum_quantity: int = 1
    pack_size: int = 1
    maximum_quantity: int | None = None
    lead_time_days: int | None = None


@use_case("supplier.define", Permission.SUPPLIER_DEFINE)
def define_supplier(unit: Unit, request: DefineSupplier) -> Outcome:
    """The supplier as he is now described.

    Raises:
        InvalidRequestError: SUPPLIER_UNNAMED, DAYS_WRONG.
    """
    if not request.supplier.strip() or not request.name.strip():
        raise InvalidRequestError("SUPPLIER_UNNAMED", "a supplier has a key and a name", remedy="Give both.")
    if any(days is not None and days < 0 for days in (request.lead_time_days, request.late_days_p90)):
        raise InvalidRequestError("DAYS_WRONG", "days cannot be below zero", remedy="Give days from zero on.")
    names = ["name", "country", "currency", "lead_time_days", "late_days_p90", "is_active"]
    values = {name: getattr(request, name) for name in names}
    set_supplier(unit.connection, unit.stamp, request.supplier, values)
    return Outcome("supplier", request.supplier, {"supplier": request.supplier, **values}, topic="supplier.defined")


@use_case("supplier.set_price", Permission.SUPPLIER_DEFINE)
def set_supplier_price(unit: Unit, request: SetSupplierPrice) -> Outcome:
    """The price with its sizes; an earlier price stays valid until this one begins.

    Raises:
        InvalidRequestError: SUPPLIER_UNKNOWN, SKU_UNKNOWN, PRICE_UNREADABLE, SIZES_WRONG.
        RuleViolationError: PRICE_KNOWN where another price begins at the same instant.
    """
    find_supplier(unit.connection, request.supplier)
    tracking_of(unit.connection, [request.sku])
    price = read_price(request.unit_price)
    _check_sizes(request)
    since = unit.call.now if request.valid_from is None else request.valid_from
    values = {
        "unit_price": price.units,
        "price_scale": price.scale,
        "currency": request.currency,
        "minimum_quantity": request.minimum_quantity,
        "maximum_quantity": request.maximum_quantity,
        "pack_size": request.pack_size,
        "lead_time_days": request.lead_time_days,
    }
    known = price_from(unit.connection, request.supplier, request.sku, since)
    if known is not None and any(getattr(known, name) != value for name, value in values.items()):
        raise RuleViolationError(
            "PRICE_KNOWN",
            f"{request.supplier} has another price of {request.sku} from the same instant on",
            remedy="A price is not changed: let the new one begin at another instant.",
        )
    if known is None:
        key = {"supplier": request.supplier, "sku": request.sku, "valid_from": since}
        add_price(unit.connection, unit.stamp, {**key, **values})
    document = {"supplier": request.supplier, "sku": request.sku, "valid_from": since, **values}
    document |= {"unit_price": request.unit_price}
    return Outcome("supplier_price", f"{request.supplier}/{request.sku}", document, topic="supplier.price_set")


def read_price(text: str) -> Exact:
    """A unit price or cost as written, not below zero. Raises InvalidRequestError PRICE_UNREADABLE."""
    try:
        price = parse_exact(text)
    except ValueError:
        price = Exact(-1, 0)
    if price.units < 0:
        raise InvalidRequestError(
            "PRICE_UNREADABLE", f"{text!r} is no price", remedy="Write digits with a point, such as 2.35."
        )
    return price


def _check_sizes(request: SetSupplierPrice) -> None:
    most = request.maximum_quantity
    if (
        request.minimum_quantity < 1
        or request.pack_size < 1
        or (most is not None and most < max(request.minimum_quantity, request.pack_size))
    ):
        raise InvalidRequestError(
            "SIZES_WRONG",
            f"minimum {request.minimum_quantity}, pack {request.pack_size}, maximum {most}",
            remedy="Give a minimum and a pack of one or more, and a maximum that a minimum order fits into.",
        )
