"""The fields of our own that a map fills, by kind of file: which there are, which are needed, how they read."""

from typing import Literal

FileKind = Literal[
    "order_lines",
    "order_headers",
    "order_items",
    "payments",
    "stock_movements",
    "stock_snapshot",
    "products",
    "suppliers",
    "supplier_prices",
    "purchase_orders",
    "purchase_order_lines",
    "receipts",
]
CellType = Literal["text", "integer", "decimal", "timestamp"]

MILESTONES = {
    "approved_at": "approved",
    "shipped_at": "shipped",
    "delivered_at": "delivered",
    "promised_at": "promised",
}
# A line of its own for each: the field with its amount, and the kind of line.
CHARGES = {"shipping_amount": "shipping", "fee_amount": "fee"}

TYPES: dict[str, CellType] = {
    **dict.fromkeys(("quantity", "cancelled_quantity", "version", "balance", "rejected_quantity"), "integer"),
    **dict.fromkeys(("minimum_quantity", "maximum_quantity", "pack_size", "lead_time_days"), "integer"),
    "reorder_point": "integer",
    **dict.fromkeys(("unit_price", "line_amount", "discount_amount", "tax_amount", "unit_cost"), "decimal"),
    **dict.fromkeys(("discount_share", "amount", "source_total", "list_price", *CHARGES), "decimal"),
    **dict.fromkeys(("placed_at", "occurred_at", "valid_from", "paid_at", "ordered_at"), "timestamp"),
    **dict.fromkeys(("expected_at", "received_at", *MILESTONES), "timestamp"),
}
_PERSON = ["customer_ref", "customer_name", "customer_email", "customer_phone", "customer_address", "country"]
_LINE = ["order_id", "line_id", "version", "sku", "title", "quantity", "cancelled_quantity", "unit_price"]
_LINE += ["line_amount", "discount_amount", "discount_share", "tax_amount", "reason", "type", *CHARGES]
FIELDS: dict[str, frozenset[str]] = {
    "order_lines": frozenset([*_LINE, *_PERSON, "placed_at", "currency", "status", "original_order"]),
    "order_headers": frozenset(
        ["order_id", "version", "placed_at", "status", "currency", *MILESTONES, *CHARGES, *_PERSON]
    ),
    "order_items": frozenset([*_LINE, "currency"]),
    "payments": frozenset(["order_id", "payment_id", "method", "amount", "currency", "paid_at"]),
    "products": frozenset(
        ["sku", "title", "category", "unit_cost", "valid_from", "currency", "list_price", "reorder_point"]
    ),
    "suppliers": frozenset(["supplier", "name", "country", "currency", "lead_time_days", "is_active"]),
    "supplier_prices": frozenset(
        [
            "supplier",
            "sku",
            "valid_from",
            "unit_price",
            "currency",
            "minimum_quantity",
            "maximum_quantity",
            "pack_size",
            "lead_time_days",
        ]
    ),
    "purchase_orders": frozenset(
        ["purchase_order", "supplier", "ordered_at", "status", "currency", "location", "source_total", "version"]
    ),
    "purchase_order_lines": frozenset(["purchase_order", "line_id", "sku", "quantity", "unit_price", "expected_at"]),
    "receipts": frozenset(
        ["receipt", "purchase_order", "line_id", "quantity", "rejected_quantity", "received_at", "location"]
    ),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "order_lines": ("order_id", "quantity", "placed_at"),
    "order_headers": ("order_id", "placed_at"),
    "order_items": ("order_id", "quantity"),
    "payments": ("order_id", "method", "amount"),
    "stock_movements": ("sku", "location", "occurred_at"),
    "stock_snapshot": ("sku", "location", "occurred_at"),
    "products": ("sku",),
    "suppliers": ("supplier", "name"),
    "supplier_prices": ("supplier", "sku", "unit_price"),
    "purchase_orders": ("purchase_order", "supplier", "ordered_at", "status"),
    "purchase_order_lines": ("purchase_order", "line_id", "sku", "quantity", "unit_price"),
    "receipts": ("receipt", "purchase_order", "line_id", "quantity", "received_at"),
}
# The document that rows of a kind belong to: rows of equal value make one message.
GROUPED_BY: dict[str, list[str]] = {
    **{key: ["order_id"] for key in ("order_lines", "order_headers", "order_items", "payments")},
    **{key: ["supplier"] for key in ("suppliers", "supplier_prices")},
    **{key: ["purchase_order"] for key in ("purchase_orders", "purchase_order_lines", "receipts")},
}
# Kinds whose row keys count within their document only.
KEYED_WITHIN = frozenset({"order_lines", "order_headers", "order_items"})
IN_MONEY = frozenset({"order_lines", "order_headers", "order_items", "payments", "supplier_prices", "purchase_orders"})
# Not part of what a line is: a later report may say otherwise of the same line.
NOT_CONTENT = frozenset({"status", "version", "customer_name", "customer_email", "customer_phone", "customer_address"})
