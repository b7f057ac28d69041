"""Events of documents: the one way a shipment, return request, purchase order, transfer, count or approval moves on."""

import sqlalchemy as sa

from oms_core.domain.documents import events_from, next_state
from oms_core.domain.errors import RuleViolationError
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import DOCUMENTS, document_event, metadata


def add_event(
    connection: sa.Connection,
    stamp: Stamp,
    kind: str,
    document_id: int,
    event: str,
    *,
    occurred_at: int,
    reason: str | None = None,
) -> str:
    """The state that the event leaves the document in. The document's row is locked for the transaction.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED where the state table has no such step.
    """
    name, key = DOCUMENTS[kind]
    table = metadata.tables[name]
    statement = sa.select(table.c.state, table.c.last_event_seq).where(table.c[key] == document_id)
    row = connection.execute(statement.with_for_update()).one()
    after = next_state(kind, row.state, event)
    if after is None:
        allowed = ", ".join(events_from(kind, row.state)) or "nothing"
        raise RuleViolationError(
            "EVENT_NOT_ALLOWED",
            f"a {kind} that is {row.state} cannot {event}",
            remedy=f"From {row.state} it can: {allowed}.",
            state=row.state,
            event=event,
        )
    connection.execute(
        document_event.insert().values(
            document_kind=kind,
            document_id=document_id,
            seq=row.last_event_seq + 1,
            event=event,
            from_state=row.state,
            to_state=after,
            actor=stamp.actor,
            reason=reason,
            occurred_at=occurred_at,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
    return after
