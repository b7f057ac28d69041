"""Facts about parcels, returns and refunds as sentences, beside those of `core_rows`.

Belongs here: what the journals of lines and of return requests, and payments, say happened.
"""

from oms_core.domain.documents import next_state
from oms_core.storage import tables
from tests.pipelines.marts.core_rows import CoreRows
from tests.pipelines.marts.row_writing import ACTOR, RECORDED_AT, Writing, base_rate, line_content, micros, scaled


class ReturnRows(CoreRows):
    """A script of facts that also ships, takes back and refunds."""

    _entries = 0

    def sent_to(self, order_id: int, region: str) -> None:
        """The region an order is sent to."""
        self._script.append(lambda core: core.put(tables.sales_order, order_id=order_id, ship_region=region))

    def discounted(self, line_id: int, discount: str) -> None:
        """The discount that was taken off a line's amount."""
        self._script.append(
            lambda core: core.put(tables.order_line, line_id=line_id, discount_amount=scaled(discount, 2))
        )

    def left(self, line_id: int, quantity: int, *, parcel: str, at: str) -> None:
        """Units of a line that left in a parcel, as its journal says; below zero: the parcel came back."""
        entry_id = self._next_entry()

        def write_entry(core: Writing) -> None:
            core.put(
                tables.line_entry,
                entry_id=entry_id,
                line_id=line_id,
                order_id=core.line(line_id)["order_id"],
                kind="ship",
                quantity=quantity,
                source_kind="shipment",
                source_ref=parcel,
                actor=ACTOR,
                occurred_at=micros(at),
            )

        self._script.append(write_entry)

    def reached(self, order_id: int, milestone: str, *, at: str) -> None:
        """A milestone of an order."""
        values = {"order_id": order_id, "milestone": milestone, "seq": 1, "actor": ACTOR, "occurred_at": micros(at)}
        self._script.append(lambda core: core.put(tables.order_milestone, **values))

    def came_back(
        self,
        return_id: int,
        *,
        line: int,
        at: str,
        amount: str,
        quantity: int = 1,
        sku: str = "MUG",
        reason: str | None = None,
        account: str = "shop",
        base: tuple[str, str] | None = ("EUR", "1"),
    ) -> None:
        """A return document in euros whose one line names the order line it came from."""

        def write_return(core: Writing) -> None:
            core.put(
                tables.return_order,
                return_id=return_id,
                account=account,
                external_id=f"R-{return_id}",
                returned_at=micros(at),
                currency="EUR",
                **base_rate(base),
            )
            content = line_content("1", kind="item", sku=sku, quantity=quantity, amount=amount)
            more = {"reason": reason, "order_line_id": line}
            core.put(tables.return_line, return_line_id=return_id, return_id=return_id, **content, **more)

        self._script.append(write_return)

    def asked_back(
        self, request_id: int, line_id: int, *, quantity: int, at: str, reason: str = "broken", kind: str = "return"
    ) -> None:
        """A request, of one line, to send goods back."""

        def write_request(core: Writing) -> None:
            core.put(
                tables.return_request,
                request_id=request_id,
                number=f"RET-{request_id}",
                order_id=core.line(line_id)["order_id"],
                kind=kind,
                state="none",
                last_event_seq=0,
                requested_at=micros(at),
                actor=ACTOR,
            )
            core.put(
                tables.return_request_line,
                request_line_id=request_id,
                request_id=request_id,
                line_id=line_id,
                quantity=quantity,
                reason=reason,
            )
            core.put(
                tables.document_event,
                document_kind="return_request",
                document_id=request_id,
                seq=1,
                event="request",
                from_state="none",
                to_state=next_state("return_request", "none", "request"),
                occurred_at=micros(at),
                actor=ACTOR,
            )

        self._script.append(write_request)

    def graded(self, request_id: int, kind: str, quantity: int, *, at: str) -> None:
        """Units of a request that came (`receive`) or were judged: restock, scrap, damage, send_back."""
        values = {
            "entry_id": self._next_entry(),
            "request_line_id": request_id,
            "kind": kind,
            "quantity": quantity,
            "actor": ACTOR,
            "occurred_at": micros(at),
        }
        self._script.append(lambda core: core.put(tables.return_entry, **values))

    def paid_back(
        self, payment_id: int, order_id: int, *, paid: str, back: str, at: str, request: int | None = None
    ) -> None:
        """A captured payment in euros of which a part went back, for a return request or for none."""
        both = {"payment_id": payment_id, "order_id": order_id, "currency": "EUR"}
        event = both | {"base_currency": "EUR", "provider": "test", "actor": ACTOR}

        def write_payment(core: Writing) -> None:
            core.put(tables.payment, account="shop", external_id=f"P-{payment_id}", method="card", **both)
            for number, (kind, amount, moment) in enumerate(
                (("capture", paid, RECORDED_AT), ("refund", back, micros(at))), start=1
            ):
                core.put(
                    tables.payment_event,
                    payment_event_id=payment_id * 10 + number,
                    kind=kind,
                    amount=scaled(amount, 2),
                    base_amount=scaled(amount, 2),
                    provider_ref=f"{payment_id}-{number}",
                    return_request_id=request if kind == "refund" else None,
                    occurred_at=moment,
                    **event,
                )

        self._script.append(write_payment)

    def _next_entry(self) -> int:
        self._entries += 1
        return 1_000_000 + self._entries
