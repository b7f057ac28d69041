"""Rows of files that hold a part of an order each: headers without lines, lines without headers, payments."""

from collections.abc import Sequence

from oms_core.domain.facts import LineFact, OrderFact, OrderPartFact, PaymentFact
from oms_core.domain.money import Exact, currency_digits
from oms_core.domain.orders import Lifecycle
from pipelines.feeds.cells import CellFault
from pipelines.feeds.column_map import METHODS, ColumnMap
from pipelines.feeds.fields import MILESTONES
from pipelines.feeds.parse_orders import OrderRows, customer_of
from pipelines.feeds.parsed import Facts, Parsed, currency_fault


class HeaderRows(OrderRows):
    """Reads orders without their lines: state, times, buyer, and charges of the order as lines of their own."""

    def facts(self, parsed: Sequence[Parsed]) -> Facts:
        """Orders of one message's rows, with the rows that do not fit."""
        facts = Facts()
        for row in parsed:
            record = row.record
            if fault := self.document_fault(record, {}):
                facts.held.append((row, fault))
                continue
            facts.orders.append(
                OrderFact(
                    external_id=record["order_id"],
                    placed_at=record["placed_at"],
                    currency=self.currency(record),
                    lifecycle=Lifecycle(record.get("status") or Lifecycle.CONFIRMED),
                    lines=[line._replace(line_key=f"order/{line.line_kind}") for line in self.charges(row)],
                    customer=customer_of(record),
                    country=record.get("country"),
                    source_version=record.get("version"),
                    state_is_implied=not record.get("status"),
                    milestones={
                        name: record[field] for field, name in MILESTONES.items() if record.get(field) is not None
                    },
                )
            )
        return facts


class ItemRows(OrderRows):
    """Reads lines of orders that another file describes."""

    def facts(self, parsed: Sequence[Parsed]) -> Facts:
        """Parts of orders of one message's rows, with the rows that do not fit."""
        facts = Facts()
        lines: dict[tuple[str, str], list[LineFact]] = {}
        currencies: dict[str, str] = {}
        for row in parsed:
            outcome = self.line(row)
            if isinstance(outcome, tuple):
                outcome = self._only_sales(outcome) or self.document_fault(row.record, currencies) or outcome
            if isinstance(outcome, CellFault):
                facts.held.append((row, outcome))
            elif outcome is None:
                facts.ignored += 1
            else:
                document = (row.record["order_id"], self.currency(row.record))
                lines.setdefault(document, []).extend((outcome[0], *self.charges(row)))
        facts.parts.extend(OrderPartFact(order, found, currency) for (order, currency), found in lines.items())
        return facts

    def _only_sales(self, outcome: tuple[LineFact, str]) -> CellFault | None:
        if outcome[1] != "return":
            return None
        why = "a return is a document of its own, which a file of lines without headers cannot state"
        return CellFault("", "unclassified", None, why, "Read returns by a map of order_lines.")


class PaymentRows:
    """Reads payments: how much of an order was paid, how, and when where the source says so."""

    def __init__(self, column_map: ColumnMap) -> None:
        self._map = column_map

    def facts(self, parsed: Sequence[Parsed]) -> Facts:
        """Payments of one message's rows, with the rows that do not fit."""
        facts = Facts()
        for row in parsed:
            outcome = self._payment(row)
            if isinstance(outcome, CellFault):
                facts.held.append((row, outcome))
            else:
                facts.payments.append(outcome)
        return facts

    def _payment(self, row: Parsed) -> PaymentFact | CellFault:
        record = row.record
        currency: str = record.get("currency") or self._map.currency or ""
        spec = self._map.columns.get("currency")
        if fault := currency_fault(currency, spec.column if spec else "currency"):
            return fault
        if record["method"] not in METHODS:
            why = f"{record['method']!r} is none of {', '.join(sorted(METHODS))}"
            return self._fault("method", "unknown_code", record["method"], why, "Map it by `codes:`, replay the row.")
        amount: Exact = record["amount"]
        digits = currency_digits(currency)
        if amount.units < 0:
            return self._fault("amount", "amount_sign", str(amount.decimal), "a payment is 0 or more", "Correct it.")
        units, rest = divmod(amount.at(max(amount.scale, digits)), int(10 ** max(amount.scale - digits, 0)))
        if rest:
            why = f"{currency} has {digits} digits after the point"
            return self._fault("amount", "money_digits", str(amount.decimal), why, "Correct the cell.")
        return PaymentFact(row.key, record["order_id"], record["method"], units, currency, record.get("paid_at"))

    def _fault(self, field: str, rule: str, value: str, reason: str, fix: str) -> CellFault:
        spec = self._map.columns.get(field)
        return CellFault(spec.column if spec else field, rule, value, reason, fix)
