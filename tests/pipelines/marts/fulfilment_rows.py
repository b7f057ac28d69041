"""Facts about promises, cancellations and parcels as sentences, beside those of `core_rows` and `return_rows`.

Belongs here: what the planner, the people at the packing bench and the carriers are said to have done.
"""

from collections.abc import Mapping

from oms_core.domain.documents import next_state
from oms_core.storage import tables
from tests.pipelines.marts.return_rows import ReturnRows
from tests.pipelines.marts.row_writing import ACTOR, Writing, micros

BEFORE_ALL = micros("2026-01-01")


class FulfilmentRows(ReturnRows):
    """A script of facts that also promises, cancels, packs and ships."""

    _allocations = 0

    def sent_from_here(self, order_id: int, *line_ids: int) -> None:
        """An order, and lines of it, whose goods are promised and sent from here; recorded before anything else."""

        def write_order(core: Writing) -> None:
            core.put(tables.sales_order, order_id=order_id, fulfilled_here=True)
            for line_id in line_ids:
                core.put(tables.order_line, line_id=line_id, fulfilled_here=True, recorded_at=BEFORE_ALL)

        self._script.append(write_order)

    def decided(self, decision_id: int, order_id: int, promised: Mapping[int, int], *, at: str) -> None:
        """A decision of the planner, and the units of each line that it promised at `main`."""
        moment = {"actor": ACTOR, "occurred_at": micros(at)}
        ids = {line_id: self._next_allocation() for line_id, units in promised.items() if units}

        def write_decision(core: Writing) -> None:
            values = {"strategy": "test", "candidates": "[]", "chosen": "{}"}
            core.put(tables.allocation_decision, decision_id=decision_id, order_id=order_id, **values, **moment)
            for line_id, allocation_id in ids.items():
                core.put(
                    tables.stock_allocation,
                    allocation_id=allocation_id,
                    kind="allocate",
                    order_id=order_id,
                    line_id=line_id,
                    sku=core.line(line_id)["sku"],
                    location="main",
                    quantity=promised[line_id],
                    decision_id=decision_id,
                    **moment,
                )

        self._script.append(write_decision)

    def called_off(self, line_id: int, quantity: int, reason: str | None, *, at: str) -> None:
        """Units of a line that somebody cancelled."""
        entry_id = self._next_entry()

        def write_entry(core: Writing) -> None:
            core.put(
                tables.line_entry,
                entry_id=entry_id,
                line_id=line_id,
                order_id=core.line(line_id)["order_id"],
                kind="cancel",
                quantity=quantity,
                source_kind="order",
                source_ref="test",
                reason=reason,
                actor=ACTOR,
                occurred_at=micros(at),
            )

        self._script.append(write_entry)

    def parcel(
        self, shipment_id: int, order_id: int, carrier: str | None, *, left: str, arrived: str | None = None
    ) -> None:
        """A parcel with its way from plan to departure in one instant, and its arrival."""
        steps = [(event, left) for event in ("plan", "release", "pick", "pack", "ship")]
        steps += [("deliver", arrived)] if arrived else []

        def write_parcel(core: Writing) -> None:
            core.location("main")
            core.put(
                tables.shipment,
                shipment_id=shipment_id,
                number=f"S-{shipment_id}",
                order_id=order_id,
                location="main",
                carrier=carrier,
                state="none",
                last_event_seq=0,
                shipped_at=micros(left),
                delivered_at=None if arrived is None else micros(arrived),
                actor=ACTOR,
            )
            state = "none"
            for seq, (event, at) in enumerate(steps, start=1):
                after = next_state("shipment", state, event)
                assert after is not None, event
                step = {"document_kind": "shipment", "document_id": shipment_id, "seq": seq, "event": event}
                step |= {"from_state": state, "to_state": after, "occurred_at": micros(at), "actor": ACTOR}
                core.put(tables.document_event, **step)
                state = after

        self._script.append(write_parcel)

    def complained(self, return_id: int, order: str, reason: str, *, at: str, account: str = "shop") -> None:
        """A return that a channel tells of, with its reason; `order` as the channel names it."""
        self.returned(return_id, at=at, amount="1.00", order=order, account=account)
        self._script.append(lambda core: core.put(tables.return_line, return_line_id=return_id, reason=reason))

    def _next_allocation(self) -> int:
        self._allocations += 1
        return self._allocations
