"""A core in memory with the shape of the export session: what a test needs to feed the analytics side exactly.

Rows are given as keyword arguments; columns not named are null, `change_id` and `recorded_at` are counted up. A row
put again with the same key replaces the older one and gets a greater change number, as the core does.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from oms_core.storage.export import EXPORTED

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def micros(text: str) -> int:
    """Microseconds since 1970 of an ISO instant; without an offset it is UTC."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=EPOCH.tzinfo)
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


class FakeCore:
    """Tables of the export by name, newest version per key."""

    def __init__(self, *, time_zone: str = "UTC", base_currency: str | None = None) -> None:
        self.rows: dict[str, dict[tuple[object, ...], dict[str, object]]] = {name: {} for name in EXPORTED}
        self.high_mark = 1
        self.put("company_setting", version=1, time_zone=time_zone, base_currency=base_currency, actor="test")

    def put(self, table: str, **values: object) -> None:
        """Insert or replace one row."""
        described = EXPORTED[table]
        row: dict[str, object] = {column.name: None for column in described.columns} | values
        if "recorded_at" in row and row["recorded_at"] is None:
            row["recorded_at"] = self.high_mark
        row["change_id"] = self.high_mark
        self.high_mark += 1
        self.rows[table][tuple(row[name] for name in described.key)] = row

    def changes(self, table: str, *, low: int, chunk: int = 50_000) -> Iterator[list[tuple[object, ...]]]:
        """Rows in the window, as the export session gives them."""
        names = [column.name for column in EXPORTED[table].columns]
        found = [
            tuple(row[name] for name in names)
            for row in self.rows[table].values()
            if low <= int(str(row["change_id"])) < self.high_mark
        ]
        for start in range(0, len(found), chunk):
            yield found[start : start + chunk]

    def totals(self, table: str) -> dict[str, int]:
        """Row count and exact sums."""
        rows = self.rows[table].values()
        sums = {name: sum(int(str(row[name] or 0)) for row in rows) for name in EXPORTED[table].sums}
        return {"rows": len(rows), **sums}

    # --- sentences a test can read ---------------------------------------------------------------

    def account(self, account: str = "shop", *, channel: str = "web", moves_stock: bool = True) -> None:
        """One channel account."""
        self.put("channel_account", account=account, channel=channel, name=account, moves_stock=moves_stock)

    def location(self, location: str = "main", *, listing: str = "ever_moved") -> None:
        """One place that holds stock, valued by dated costs."""
        self.put(
            "location",
            location=location,
            name=location,
            allows_negative_stock=False,
            opening_from_first_balance=False,
            valuation="dated",
            listing=listing,
        )

    def sku(self, sku: str, *, category: str | None = None) -> None:
        """One article."""
        self.put("sku", sku=sku, title=sku.title(), category=category)

    def cost(self, sku: str, cost: str, *, valid_from: str, location: str = "", currency: str = "EUR") -> None:
        """A dated unit cost, at four digits."""
        self.put(
            "unit_cost",
            sku=sku,
            location=location,
            valid_from=micros(valid_from),
            unit_cost=int(Decimal(cost) * 10_000),
            cost_scale=4,
            currency=currency,
        )

    def order(
        self,
        order_id: int,
        *,
        placed_at: str,
        currency: str = "EUR",
        account: str = "shop",
        lifecycle: str = "confirmed",
        country: str | None = None,
        base: tuple[str, str] | None = None,
        customer_id: int | None = None,
    ) -> None:
        """An order's header; `base` is (currency, rate)."""
        self.put(
            "sales_order",
            order_id=order_id,
            account=account,
            external_id=f"O-{order_id}",
            placed_at=micros(placed_at),
            currency=currency,
            base_currency=base[0] if base else None,
            base_rate=int(Decimal(base[1]) * 10_000) if base else None,
            base_rate_scale=4 if base else None,
            customer_id=customer_id,
            country=country,
            lifecycle=lifecycle,
            last_event_seq=2,
        )

    def line(
        self,
        line_id: int,
        order_id: int,
        *,
        amount: str,
        quantity: int = 1,
        sku: str | None = None,
        kind: str = "item",
        cancelled: int = 0,
        scale: int = 2,
    ) -> None:
        """An order line; the amount is the whole line's."""
        self.put(
            "order_line",
            line_id=line_id,
            order_id=order_id,
            line_key=str(line_id),
            line_kind=kind,
            sku=sku,
            quantity=quantity,
            line_amount=int(Decimal(amount) * 10**scale),
            money_scale=scale,
            content_sha256="x",
            cancelled_quantity=cancelled,
            discount_amount=0,
        )

    def returned(
        self,
        return_id: int,
        *,
        at: str,
        amount: str,
        quantity: int = 1,
        sku: str | None = None,
        kind: str = "item",
        order: str | None = None,
        account: str = "shop",
        currency: str = "EUR",
        base: tuple[str, str] | None = None,
    ) -> None:
        """A return document with one line."""
        self.put(
            "return_order",
            return_id=return_id,
            account=account,
            external_id=f"R-{return_id}",
            order_external_id=order,
            returned_at=micros(at),
            currency=currency,
            base_currency=base[0] if base else None,
            base_rate=int(Decimal(base[1]) * 10_000) if base else None,
            base_rate_scale=4 if base else None,
        )
        self.put(
            "return_line",
            return_line_id=return_id,
            return_id=return_id,
            line_key="1",
            line_kind=kind,
            sku=sku,
            quantity=quantity,
            line_amount=int(Decimal(amount) * 100),
            money_scale=2,
            content_sha256="x",
        )

    def move(
        self,
        movement_id: int,
        sku: str,
        quantity: int,
        *,
        kind: str,
        at: str,
        location: str = "main",
        condition: str = "sellable",
        reverses: int | None = None,
        account: str = "shop",
    ) -> None:
        """A ledger entry and the balance it leaves."""
        self.put(
            "stock_movement",
            movement_id=movement_id,
            account=account,
            source_key=str(movement_id),
            sku=sku,
            location=location,
            condition=condition,
            kind=kind,
            quantity=quantity,
            occurred_at=micros(at),
            reverses_id=reverses,
            content_sha256="x",
            actor="test",
        )
        held = self.rows["stock_balance"].get((sku, location, condition), {})
        self.put(
            "stock_balance",
            sku=sku,
            location=location,
            condition=condition,
            on_hand=int(str(held.get("on_hand", 0))) + quantity,
            committed=0,
            shortage=0,
            allows_negative=True,
        )

    def observe(
        self,
        snapshot_id: int,
        sku: str,
        quantity: int,
        *,
        at: str,
        cost: str | None = None,
        location: str = "main",
        currency: str = "EUR",
    ) -> None:
        """An observed quantity, with the unit cost seen beside it."""
        self.put(
            "stock_snapshot",
            snapshot_id=snapshot_id,
            account="shop",
            sku=sku,
            location=location,
            condition="sellable",
            observed_at=micros(at),
            quantity=quantity,
            unit_cost=int(Decimal(cost) * 10_000) if cost else None,
            cost_scale=4 if cost else None,
            currency=currency if cost else None,
            content_sha256="x",
        )
