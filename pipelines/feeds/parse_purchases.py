"""Rows of purchasing files to facts: suppliers, their prices, orders to them, lines, receipts. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

from oms_core.domain.facts import PurchaseLineFact, PurchaseOrderFact, ReceiptFact, SupplierFact, SupplierPriceFact
from oms_core.domain.money import Exact
from pipelines.feeds.cells import CellFault
from pipelines.feeds.column_map import PURCHASE_STATES, ColumnMap
from pipelines.feeds.parsed import Facts, Parsed, currency_fault

_ACTIVE = {"yes": True, "no": False}


class PurchaseRows:
    """Reads the rows of one map of purchasing: each row states one fact."""

    def __init__(self, column_map: ColumnMap) -> None:
        self._map = column_map
        readers: dict[str, Callable[[Parsed], Any]] = {
            "suppliers": self._supplier,
            "supplier_prices": self._price,
            "purchase_orders": self._order,
            "purchase_order_lines": self._line,
            "receipts": self._receipt,
        }
        self._read = readers[column_map.file]

    def facts(self, parsed: Sequence[Parsed]) -> Facts:
        """What one message's rows state, with the rows that do not fit."""
        facts = Facts()
        kinds: dict[type, list[Any]] = {
            SupplierFact: facts.suppliers,
            SupplierPriceFact: facts.supplier_prices,
            PurchaseOrderFact: facts.purchase_orders,
            PurchaseLineFact: facts.purchase_lines,
            ReceiptFact: facts.receipts,
        }
        for row in parsed:
            outcome = self._read(row)
            if isinstance(outcome, CellFault):
                facts.held.append((row, outcome))
            elif outcome is None:
                facts.ignored += 1
            else:
                kinds[type(outcome)].append(outcome)
        return facts

    def _fault(self, field: str, rule: str, value: object, reason: str, fix: str) -> CellFault:
        spec = self._map.columns.get(field)
        return CellFault(spec.column if spec else field, rule, None if value is None else str(value), reason, fix)

    def _currency(self, row: Parsed) -> str | CellFault:
        currency: str = row.record.get("currency") or self._map.currency or ""
        spec = self._map.columns.get("currency")
        return currency_fault(currency, spec.column if spec else "currency") or currency

    def _supplier(self, row: Parsed) -> SupplierFact | CellFault:
        it = row.record
        active = it.get("is_active") or "yes"
        if active not in _ACTIVE:
            why = f"{active!r} is neither yes nor no"
            return self._fault("is_active", "unknown_code", active, why, "Map it by `codes:` to yes and no.")
        country, currency = it.get("country"), it.get("currency")
        return SupplierFact(it["supplier"], it["name"], country, currency, it.get("lead_time_days"), _ACTIVE[active])

    def _price(self, row: Parsed) -> SupplierPriceFact | CellFault:
        it = row.record
        currency = self._currency(row)
        if isinstance(currency, CellFault):
            return currency
        price: Exact = it["unit_price"]
        least, pack = it.get("minimum_quantity"), it.get("pack_size")
        for field, value, low in (
            ("unit_price", price.units, 0),
            ("minimum_quantity", least, 1),
            ("pack_size", pack, 1),
        ):
            if value is not None and value < low:
                return self._fault(field, "quantity_sign", value, f"it is {low} or more", "Correct the cell.")
        return SupplierPriceFact(
            supplier=it["supplier"],
            sku=it["sku"],
            valid_from=it.get("valid_from") or 0,
            unit_price=price.units,
            price_scale=price.scale,
            currency=currency,
            minimum_quantity=1 if least is None else least,
            maximum_quantity=it.get("maximum_quantity"),
            pack_size=1 if pack is None else pack,
            lead_time_days=it.get("lead_time_days"),
        )

    def _order(self, row: Parsed) -> PurchaseOrderFact | CellFault:
        it = row.record
        currency = self._currency(row)
        if isinstance(currency, CellFault):
            return currency
        if it["status"] not in PURCHASE_STATES:
            why = f"{it['status']!r} is no state of a purchase order"
            return self._fault("status", "unknown_code", it["status"], why, "Map it by `codes:`, then replay the row.")
        place = it.get("location")
        if place is not None and place not in self._map.locations:
            return self._fault("location", "unknown_location", place, f"{place!r} is no location of the map", _DESCRIBE)
        total: Exact | None = it.get("source_total")
        units, scale = (None, None) if total is None else (total.units, total.scale)
        version = it.get("version")
        return PurchaseOrderFact(
            it["purchase_order"], it["supplier"], it["ordered_at"], currency, it["status"], place, units, scale, version
        )

    def _line(self, row: Parsed) -> PurchaseLineFact | CellFault:
        it = row.record
        price: Exact = it["unit_price"]
        if it["quantity"] <= 0 or price.units < 0:
            why = "a line orders units, at a price of 0 or more"
            return self._fault("quantity", "quantity_sign", it["quantity"], why, "Correct the cell.")
        ordered = (it["purchase_order"], it["line_id"], it["sku"], it["quantity"])
        return PurchaseLineFact(*ordered, price.units, price.scale, it.get("expected_at"))

    def _receipt(self, row: Parsed) -> ReceiptFact | CellFault | None:
        it = row.record
        quantity, rejected = it["quantity"], it.get("rejected_quantity") or 0
        if not 0 <= rejected <= quantity:
            why = "rejected units are among the received ones"
            return self._fault("rejected_quantity", "quantity_sign", rejected, why, "Correct the cell.")
        place = it.get("location")
        if place is not None and place not in self._map.locations:
            return self._fault("location", "unknown_location", place, f"{place!r} is no location of the map", _DESCRIBE)
        if quantity == 0:
            return None  # nothing arrived: no receipt
        line = (it["purchase_order"], it["line_id"])
        return ReceiptFact(it["receipt"], *line, quantity, rejected, it["received_at"], place)


_DESCRIBE = "Describe it under `locations:` in the map, then replay the row."
