"""Rows of orders and returns to facts: class, line kind, money at its scale. Pure: rows in, facts out."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from oms_core.domain.facts import CustomerFact, LineFact, OrderFact, ReturnFact
from oms_core.domain.lifecycles import furthest
from oms_core.domain.money import LARGEST, MAX_SCALE, Exact
from oms_core.domain.orders import Lifecycle, LineKind
from pipelines.feeds.cells import CellFault, Record
from pipelines.feeds.column_map import STATES, ColumnMap
from pipelines.feeds.conditions import all_hold
from pipelines.feeds.fields import CHARGES
from pipelines.feeds.implied_movements import implied_movements
from pipelines.feeds.parsed import Facts, Parsed, currency_fault

_Row = tuple[Record, LineFact, str]  # as read, as a fact, its class
_LINE_KINDS_BY_CLASS = {"write_off": LineKind.WRITE_OFF.value, "money_adjustment": LineKind.ADJUSTMENT.value}


class OrderRows:
    """Reads the rows of one map."""

    def __init__(self, column_map: ColumnMap, account: str) -> None:
        self._map = column_map
        self._account = account
        self._classes = [(rule.row_class, rule.reason, all_hold(rule.when)) for rule in column_map.classes]
        self._kinds = [(rule.kind.value, all_hold(rule.when)) for rule in column_map.line_kinds]
        self._kind_of: dict[str | None, str] = {}
        self._one_currency = "currency" not in {*column_map.columns, *column_map.constants}
        self._charges = [(name, kind) for name, kind in CHARGES.items() if name in column_map.columns]
        self._kind_by_sku = all(set(rule.when) <= {"sku"} for rule in column_map.line_kinds)

    def classify(self, record: Record) -> tuple[str, str | None] | CellFault:
        """(class, reason) of the first rule that fits; without rules every row is a sale."""
        if not self._classes:
            return ("sale", None)
        for name, reason, holds in self._classes:
            if holds(record):
                return (name, reason)
        return CellFault(
            "",
            "unclassified",
            None,
            "no class of the map fits the row",
            "Correct the row, or add a rule under `classes:` in the map, then replay the row.",
        )

    def line_kind(self, record: Record, row_class: str) -> str:
        """What the line stands for."""
        if row_class in _LINE_KINDS_BY_CLASS:
            return _LINE_KINDS_BY_CLASS[row_class]
        if not self._kind_by_sku:
            return self._first_kind(record)
        sku = record.get("sku")
        if sku not in self._kind_of:
            self._kind_of[sku] = self._first_kind(record)
        return self._kind_of[sku]

    def _first_kind(self, record: Record) -> str:
        return next((kind for kind, holds in self._kinds if holds(record)), LineKind.ITEM.value)

    def facts(self, parsed: Sequence[Parsed]) -> Facts:
        """Orders, returns and the movements they make, of one message's rows, with the rows that do not fit."""
        facts = Facts()
        sold: list[tuple[Record, LineFact, str]] = []
        returned: list[tuple[Record, LineFact, str]] = []
        currencies: dict[str, str] = {}
        for row in parsed:
            outcome = self.line(row)
            if outcome is not None and not isinstance(outcome, CellFault):
                outcome = self.document_fault(row.record, currencies) or outcome
            if isinstance(outcome, CellFault):
                facts.held.append((row, outcome))
            elif outcome is None:
                facts.ignored += 1
            else:
                line, row_class = outcome
                into = returned if row_class == "return" else sold
                into.append((row.record, line, row_class))
                if self._charges:
                    into.extend((row.record, part, row_class) for part in self.charges(row))
        for part in _by_document(sold):
            facts.orders.append(self._order(part))
        for part in _by_document(returned):
            facts.returns.append(self._return(part))
        if self._map.account.moves_stock:
            facts.movements.extend(implied_movements(facts, self._account, self._map.location or ""))
        return facts

    def document_fault(self, record: Record, currencies: dict[str, str]) -> CellFault | None:
        """What is wrong with what the row says of its whole document; `currencies` seen so far, by document."""
        status = record.get("status")
        if status and status not in STATES:
            why = f"{status!r} is no state of an order"
            return self._fault("status", "unknown_code", status, why, "Map it by `codes:`, then replay the row.")
        if self._one_currency:
            return None
        currency = self.currency(record)
        spec = self._map.columns.get("currency")
        if fault := currency_fault(currency, spec.column if spec else "currency"):
            return fault
        if currencies.setdefault(record["order_id"], currency) != currency:
            why = f"other lines of the document are in {currencies[record['order_id']]}"
            return self._fault("currency", "mixed_currencies", currency, why, "Ask the source which one is right.")
        return None

    def line(self, row: Parsed) -> tuple[LineFact, str] | CellFault | None:
        """The line a row states and its class; null for a row to be ignored."""
        record = row.record
        outcome = self.classify(record)
        if isinstance(outcome, CellFault):
            return outcome
        row_class, reason = outcome
        if row_class == "ignore":
            return None
        kind = self.line_kind(record, row_class)
        if kind == LineKind.ITEM.value and not record.get("sku"):
            return self._fault(
                "sku", "required", None, "a line of goods names no article", "Fill the cell at the source."
            )
        quantity: int = record["quantity"]
        if row_class in ("sale", "cancellation") and quantity <= 0:
            return self._fault(
                "quantity",
                "quantity_sign",
                quantity,
                f"a {row_class} has a quantity above zero",
                "Correct the cell, or the classes of the map.",
            )
        if row_class == "return" and quantity == 0:
            return self._fault(
                "quantity",
                "quantity_sign",
                quantity,
                "a return has units",
                "Correct the cell, or the classes of the map.",
            )
        return self._priced(row, record, row_class, kind, reason)

    def _priced(
        self, row: Parsed, record: Record, row_class: str, kind: str, reason: str | None
    ) -> tuple[LineFact, str] | CellFault:
        quantity: int = record["quantity"]
        price: Exact | None = record.get("unit_price")
        amount: Exact | None = record.get("line_amount")
        if amount is None:
            if price is None:
                column = "line_amount" if "line_amount" in self._map.columns else "unit_price"
                why = "the row has neither a price nor an amount"
                return self._fault(column, "required", None, why, "Fill the cell at the source.")
            amount = Exact(price.units * quantity, price.scale)
            if share := record.get("discount_share"):
                discounted = _discounted(amount, share)
                if discounted is None:
                    why = f"the discount leaves more than {MAX_SCALE} digits after the point, or is more than the whole"
                    return self._fault("discount_share", "money_range", share.decimal, why, "Correct the cell.")
                amount, record["discount_amount"] = discounted
        discount: Exact | None = record.get("discount_amount")
        tax: Exact | None = record.get("tax_amount")
        if row_class == "return":
            quantity, amount = abs(quantity), Exact(abs(amount.units), amount.scale)
        scale = max(number.scale for number in (price, amount, discount, tax) if number is not None)
        given = [number for number in (amount, price, discount, tax) if number is not None]
        if too_large := next((number for number in given if abs(number.at(scale)) >= LARGEST), None):
            why = "the amount is too large"
            return self._fault("quantity", "money_range", str(too_large.decimal), why, "Correct the cell.")
        cancelled = quantity if row_class == "cancellation" else (record.get("cancelled_quantity") or 0)
        if not 0 <= cancelled <= abs(quantity):
            return self._fault(
                "cancelled_quantity",
                "quantity_sign",
                cancelled,
                "more units are cancelled than were ordered",
                "Correct the cell.",
            )
        line = LineFact(
            line_key=row.key,
            line_kind=kind,
            sku=record.get("sku"),
            title=record.get("title"),
            quantity=quantity,
            unit_price=None if price is None else price.at(scale),
            line_amount=amount.at(scale),
            money_scale=scale,
            content_sha256=row.content,
            cancelled_quantity=cancelled,
            discount_amount=0 if discount is None else discount.at(scale),
            tax_amount=None if tax is None else tax.at(scale),
            reason=record.get("reason") or reason,
            source_version=record.get("version"),
        )
        return line, row_class

    def charges(self, row: Parsed) -> list[LineFact]:
        """Lines of their own for what a row says beside its goods: postage, fees."""
        return [
            LineFact(
                line_key=f"{row.key}/{kind}",
                line_kind=kind,
                sku=None,
                title=None,
                quantity=1,
                unit_price=amount.units,
                line_amount=amount.units,
                money_scale=amount.scale,
                content_sha256=row.content,
                source_version=row.record.get("version"),
            )
            for field, kind in self._charges
            if (amount := row.record.get(field)) is not None and amount.units
        ]

    def _fault(self, field: str, rule: str, value: object, reason: str, fix: str) -> CellFault:
        spec = self._map.columns.get(field)
        return CellFault(spec.column if spec else field, rule, None if value is None else str(value), reason, fix)

    def _order(self, part: Sequence[_Row]) -> OrderFact:
        record = min((record for record, _, _ in part), key=lambda item: item["placed_at"])
        states = {Lifecycle(item["status"]) for item, _, _ in part if item.get("status")}
        if states:
            state = furthest(states)
        else:
            gone = all(row_class == "cancellation" for _, _, row_class in part)
            state = Lifecycle.CANCELLED if gone else Lifecycle.CONFIRMED
        return OrderFact(
            external_id=record["order_id"],
            placed_at=record["placed_at"],
            currency=self.currency(record),
            lifecycle=state,
            lines=[line for _, line, _ in part],
            customer=_customer_among(part),
            country=_country_of(part),
            source_version=_version_of(part),
            state_is_implied=not states,
        )

    def _return(self, part: Sequence[_Row]) -> ReturnFact:
        record = min((record for record, _, _ in part), key=lambda item: item["placed_at"])
        named = {item["original_order"] for item, _, _ in part if item.get("original_order")}
        return ReturnFact(
            external_id=record["order_id"],
            returned_at=record["placed_at"],
            currency=self.currency(record),
            lines=[line for _, line, _ in part],
            order_external_id=min(named, default=None),
            customer=_customer_among(part),
            country=_country_of(part),
            source_version=_version_of(part),
        )

    def currency(self, record: Record) -> str:
        """The currency of a row's amounts."""
        currency: str = record.get("currency") or self._map.currency or ""
        return currency


def _discounted(gross: Exact, share: Exact) -> tuple[Exact, Exact] | None:
    """(net, discount) of a share taken off, exact; null where the digits do not fit or the share is none."""
    scale = gross.scale + share.scale
    if scale > MAX_SCALE or not 0 <= share.units <= 10**share.scale:
        return None
    discount = Exact(gross.units * share.units, scale)
    return Exact(gross.at(scale) - discount.units, scale), discount


def _by_document(rows: Sequence[_Row]) -> list[list[_Row]]:
    documents: dict[str, list[_Row]] = {}
    for row in rows:
        documents.setdefault(row[0]["order_id"], []).append(row)
    return list(documents.values())


def _customer_among(part: Sequence[_Row]) -> CustomerFact | None:
    """The buyer that the rows name; where they name several the first by reference, so that row order plays no part."""
    named = [record for record, _, _ in part if record.get("customer_ref")]
    return customer_of(min(named, key=itemgetter("customer_ref"))) if named else None


def _version_of(part: Sequence[_Row]) -> int | None:
    return max((record["version"] for record, _, _ in part if record.get("version") is not None), default=None)


def _country_of(part: Sequence[_Row]) -> str | None:
    return min({record["country"] for record, _, _ in part if record.get("country")}, default=None)


def customer_of(record: Mapping[str, Any]) -> CustomerFact | None:
    """The buyer a row names."""
    reference = record.get("customer_ref")
    if not reference:
        return None
    return CustomerFact(
        external_ref=reference,
        name=record.get("customer_name"),
        email=record.get("customer_email"),
        phone=record.get("customer_phone"),
        address=record.get("customer_address"),
    )
