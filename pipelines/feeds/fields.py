"""The fields of our own that a map fills, by kind of file: which there are, which are needed, how they read."""

from typing import Literal

FileKind = Literal["order_lines", "stock_movements", "stock_snapshot", "products"]
CellType = Literal["text", "integer", "decimal", "timestamp"]

TYPES: dict[str, CellType] = {
    **dict.fromkeys(("quantity", "cancelled_quantity", "version", "balance"), "integer"),
    **dict.fromkeys(("unit_price", "line_amount", "discount_amount", "tax_amount", "unit_cost"), "decimal"),
    **dict.fromkeys(("placed_at", "occurred_at", "valid_from"), "timestamp"),
}
FIELDS: dict[str, frozenset[str]] = {
    "order_lines": frozenset(
        [
            "order_id",
            "line_id",
            "version",
            "sku",
            "title",
            "quantity",
            "cancelled_quantity",
            "unit_price",
            "line_amount",
            "discount_amount",
            "tax_amount",
            "placed_at",
            "currency",
            "customer_ref",
            "customer_name",
            "customer_email",
            "customer_phone",
            "customer_address",
            "country",
            "status",
            "original_order",
            "reason",
            "type",
        ]
    ),
    "products": frozenset(["sku", "title", "category", "unit_cost", "valid_from", "currency"]),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "order_lines": ("order_id", "quantity", "placed_at"),
    "stock_movements": ("sku", "location", "occurred_at"),
    "stock_snapshot": ("sku", "location", "occurred_at"),
    "products": ("sku",),
}
# Not part of what a line is: a later report may say otherwise of the same line.
NOT_CONTENT = frozenset({"status", "version", "customer_name", "customer_email", "customer_phone", "customer_address"})
