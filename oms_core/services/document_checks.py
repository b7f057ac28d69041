"""What must hold of every kind of document: its state is its last event, its events follow each other, it has lines."""

from oms_core.storage.tables import DOCUMENTS

_OF_SOME: dict[str, tuple[str, str]] = {
    "documents_have_lines": (
        "no shipment, transfer, return request, purchase order, receipt, return or finished count is without a line",
        """
        select 'shipment' as document, d.shipment_id as id, d.number from shipment as d
            where not exists (select 1 from shipment_line as l where l.shipment_id = d.shipment_id)
        union all select 'transfer', d.transfer_id, d.number from transfer as d
            where not exists (select 1 from transfer_line as l where l.transfer_id = d.transfer_id)
        union all select 'return_request', d.request_id, d.number from return_request as d
            where not exists (select 1 from return_request_line as l where l.request_id = d.request_id)
        union all select 'receipt', d.receipt_id, d.number from receipt as d
            where not exists (select 1 from receipt_line as l where l.receipt_id = d.receipt_id)
        union all select 'return_order', d.return_id, d.external_id from return_order as d
            where not exists (select 1 from return_line as l where l.return_id = d.return_id)
        union all select 'stock_count', d.count_id, d.number from stock_count as d
            where d.state in ('counted', 'approved')
            and not exists (select 1 from stock_count_line as l where l.count_id = d.count_id)""",
    ),
    "approvals_were_decided_by_another": (
        "who decided on a request is who gave it its last event, and not who asked",
        """
        select a.approval_id, a.number, a.requested_by, a.decided_by, e.actor from approval as a
        join document_event as e on e.document_kind = 'approval' and e.document_id = a.approval_id
            and e.seq = a.last_event_seq
        where (a.state = 'pending' and a.decided_by is not null) or a.requested_by = a.decided_by
            or (a.state <> 'pending' and e.actor is distinct from a.decided_by)""",
    ),
}


def document_checks() -> dict[str, tuple[str, str]]:
    """For each kind of document: its state is its last event, and its events follow each other."""
    checks = dict(_OF_SOME)
    for kind, (table, key) in DOCUMENTS.items():
        checks[f"{kind}_state_is_its_last_event"] = (
            f"the state and event number of a {kind.replace('_', ' ')} are those of its last event",
            f"""
            select d.{key}, d.state, d.last_event_seq, e.to_state, e.seq from {table} as d
            left join document_event as e on e.document_kind = '{kind}' and e.document_id = d.{key}
                and e.seq = (select max(seq) from document_event as l
                    where l.document_kind = '{kind}' and l.document_id = d.{key})
            where e.seq is null or e.seq <> d.last_event_seq or e.to_state <> d.state""",
        )
        checks[f"{kind}_was_made_by_its_first_event"] = (
            f"the actor and clock of a {kind.replace('_', ' ')} are those of its first event",
            f"""
            select d.{key}, d.actor, d.recorded_at, e.actor as first_actor from {table} as d
            join document_event as e on e.document_kind = '{kind}' and e.document_id = d.{key} and e.seq = 1
            where e.actor <> d.actor or e.recorded_at <> d.recorded_at""",
        )
        checks[f"{kind}_events_have_a_document"] = (
            f"the events of a {kind.replace('_', ' ')} are about one that is there",
            f"""
            select e.document_kind, e.document_id, e.seq from document_event as e
            left join {table} as d on d.{key} = e.document_id
            where e.document_kind = '{kind}' and d.{key} is null""",
        )
    checks["document_events_follow_each_other"] = (
        "each event of a document starts from the state that the one before it left, and is in the state table",
        """
        select e.document_kind, e.document_id, e.seq, e.from_state, p.to_state as before from document_event as e
        left join document_event as p on p.document_kind = e.document_kind and p.document_id = e.document_id
            and p.seq = e.seq - 1
        left join document_transition as t on t.document_kind = e.document_kind and t.from_state = e.from_state
            and t.event = e.event and t.to_state = e.to_state
        where (e.seq = 1 and e.from_state <> 'none') or t.event is null
            or (e.seq > 1 and (p.seq is null or p.to_state <> e.from_state))""",
    )
    return checks
