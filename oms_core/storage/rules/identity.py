"""What a row is about never changes: a counter or a state would otherwise go over to something else (I2, I6, I7)."""

from collections.abc import Iterator

from oms_core.storage.rules.dialects import abort, function, refuse, sqlite_trigger, trigger

# table -> columns that stay as they were written
_FIXED: dict[str, tuple[str, ...]] = {
    "sales_order": ("order_id",),
    "order_line": ("line_id", "order_id"),
    "line_allocation": ("line_id", "location", "order_id", "sku"),
    "lot_balance": ("sku", "lot", "location", "condition", "is_serial"),
    "shipment": ("shipment_id", "order_id", "location"),
    "shipment_line": ("shipment_line_id", "shipment_id", "line_id", "sku"),
    "return_request": ("request_id", "order_id"),
    "return_request_line": ("request_line_id", "request_id", "line_id"),
    "transfer": ("transfer_id", "from_location", "via_location", "to_location"),
    "transfer_line": ("transfer_line_id", "transfer_id", "sku"),
    "stock_count": ("count_id", "location"),
    "purchase_order": ("po_id",),
    "purchase_order_line": ("po_line_id", "po_id"),
    "payment": ("payment_id", "order_id", "currency"),
    "stored_value": ("stored_value_id", "currency"),
    "approval": ("approval_id", "use_case", "request", "requested_by"),
}
# The article of a line, once units of it are promised or received.
_ARTICLE = {"order_line": "last_allocation_id", "purchase_order_line": "last_receipt_line_id"}


def _changed(names: tuple[str, ...]) -> str:
    return " or ".join(f"new.{name} <> old.{name}" for name in names)


def _message(table: str, names: tuple[str, ...]) -> str:
    return f"IDENTITY: {', '.join(names)} of {table} stay as they were written"


def _rules() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    for table, names in _FIXED.items():
        yield f"{table}_identity", table, names, _changed(names)
    for table, counted in _ARTICLE.items():
        yield f"{table}_article", table, ("sku",), f"old.{counted} <> 0 and coalesce(new.sku, '') <> old.sku"


def sqlite() -> Iterator[str]:
    """The statements for SQLite."""
    for name, table, names, changed in _rules():
        timing = f"before update of {', '.join(names)} on {table}"
        yield from sqlite_trigger(name, timing, changed, abort(_message(table, names)))


def postgresql() -> Iterator[str]:
    """The statements for PostgreSQL."""
    for name, table, names, changed in _rules():
        yield function(f"oms_{name}", f"if {changed} then {refuse(_message(table, names))} end if; return new;")
        yield from trigger(name, f"before update of {', '.join(names)} on {table}", f"oms_{name}")
