"""What must hold between the tables of the full core: promises, money, holds, numbering. One statement each.

A statement lists the rows that break it. `verify` runs them beside the counters rebuilt from their journals.
"""

CORE_CHECKS: dict[str, tuple[str, str]] = {
    "promises_fit_their_lines": (
        "a promise names a line of its order, its article, and ends a reservation of the same units",
        """
        select a.allocation_id, a.kind, a.line_id from stock_allocation as a
        left join order_line as l on l.line_id = a.line_id
        left join stock_allocation as p on p.allocation_id = a.pending_id
        where l.line_id is null or l.order_id <> a.order_id or l.sku <> a.sku
            or (a.pending_id is not null and (p.kind <> 'reserve' or p.line_id <> a.line_id or p.sku <> a.sku
                or p.location <> a.location or p.quantity <> a.quantity))""",
    ),
    "a_reservation_ends_once": (
        "each reservation is posted, voided or expired at most once",
        """
        select pending_id, count(*) as endings from stock_allocation where pending_id is not null
        group by pending_id having count(*) > 1""",
    ),
    "cancelled_orders_promise_nothing": (
        "no unit is promised to an order that is cancelled or closed",
        """
        select o.order_id, o.lifecycle, l.line_id, l.reserved_quantity, l.allocated_quantity from order_line as l
        join sales_order as o on o.order_id = l.order_id
        where o.lifecycle in ('cancelled', 'closed') and l.reserved_quantity + l.allocated_quantity > 0""",
    ),
    "line_units_are_accounted_for": (
        "cancelled, moved, shipped and promised units are no more than the line has",
        """
        select line_id, order_id, quantity from order_line
        where cancelled_quantity + moved_quantity + shipped_quantity + allocated_quantity + reserved_quantity
            > abs(quantity) or delivered_quantity > shipped_quantity
            or restocked_quantity + written_off_quantity + sent_back_quantity > returned_quantity
            or return_requested_quantity + returned_quantity > shipped_quantity + sent_back_quantity""",
    ),
    "shipped_units_left_the_stock": (
        "units that shipments of this core sent are the units their movements took, less those that came back",
        """
        select s.shipment_id, s.number, e.units, coalesce(m.units, 0) as moved from shipment as s
        join (select source_ref, sum(quantity) as units from line_entry
            where kind = 'ship' and source_kind = 'shipment' group by source_ref) as e on e.source_ref = s.number
        left join (select document_ref, -sum(quantity) as units from stock_movement
            where document_kind = 'shipment' and kind in ('ship', 'return_in') group by document_ref) as m
            on m.document_ref = s.number
        where e.units <> coalesce(m.units, 0)""",
    ),
    "shortages_name_their_movement": (
        "a shortage, and stock below zero, is recorded with the movement that took the units",
        """
        select e.kind, e.sku, e.location, e.condition, e.source_key, e.quantity from stock_exception as e
        left join stock_movement as m on m.account || '/' || m.source_key = e.source_key and m.sku = e.sku
            and m.location = e.location and m.condition = e.condition
        where m.movement_id is null and (e.kind = 'negative_stock' or e.quantity > 0)""",
    ),
    "paid_is_never_below_zero": (
        "captured less refunded and charged back is zero or more, for each payment and order",
        """
        select payment_id, order_id, captured_amount, refunded_amount, charged_back_amount from payment
        where captured_amount - refunded_amount - charged_back_amount < 0""",
    ),
    "payments_have_one_currency": (
        "every event of a payment has the payment's order and currency",
        """
        select e.payment_event_id, e.payment_id from payment_event as e
        join payment as p on p.payment_id = e.payment_id
        where e.currency <> p.currency or e.order_id <> p.order_id""",
    ),
    "discounts_are_shared_out_whole": (
        "the shares of an order's discount sum to it",
        """
        select a.adjustment_id, a.order_id, a.amount, coalesce(s.shared, 0) as shared from order_adjustment as a
        left join (select adjustment_id, sum(amount) as shared from order_adjustment_share group by adjustment_id) as s
            on s.adjustment_id = a.adjustment_id
        where a.method = 'largest_remainder' and a.amount <> coalesce(s.shared, 0)""",
    ),
    "moved_units_arrived": (
        "units, amounts and taxes that split and merge moved are on the lines they went to",
        """
        select o.order_id, o.moved, coalesce(a.arrived, 0) as arrived from
            (select coalesce(origin_order_id, order_id) as order_id, sum(moved_quantity) as moved,
                sum(moved_amount) as amount, sum(moved_tax) as tax from order_line
                group by coalesce(origin_order_id, order_id)) as o
        left join (select origin_order_id as order_id, sum(quantity) as arrived, sum(line_amount) as amount,
                sum(coalesce(tax_amount, 0)) as tax from order_line
                where origin_order_id is not null group by origin_order_id) as a on a.order_id = o.order_id
        where o.moved <> coalesce(a.arrived, 0) or o.amount <> coalesce(a.amount, 0) or o.tax <> coalesce(a.tax, 0)""",
    ),
    "pegs_fit_the_purchase_order": (
        "no more units wait for a purchase-order line than it still brings",
        """
        select l.po_line_id, l.quantity - l.cancelled_quantity - l.received_quantity as open_units, p.pegged
        from purchase_order_line as l
        join (select b.po_line_id, sum(b.quantity) as pegged from backorder_peg as b
            where b.peg_id = (select max(n.peg_id) from backorder_peg as n
                where n.line_id = b.line_id and n.po_line_id = b.po_line_id)
            group by b.po_line_id) as p on p.po_line_id = l.po_line_id
        where p.pegged > 0 and p.pegged > l.quantity - l.cancelled_quantity - l.received_quantity""",
    ),
    "held_orders_have_a_hold": (
        "an order that this core fulfils and is on hold has a hold that nobody released",
        """
        select o.order_id, o.external_id from sales_order as o
        where o.fulfilled_here and o.lifecycle = 'on_hold' and not exists (select 1 from order_hold as h
            left join order_hold_release as r on r.hold_id = h.hold_id
            where h.order_id = o.order_id and r.hold_id is null)""",
    ),
    "kept_promises_are_shipped_units": (
        "units that left a line's promises by shipping are the units its shipments shipped",
        """
        select l.line_id, l.order_id, coalesce(p.units, 0) as kept, coalesce(e.units, 0) as shipped from order_line as l
        left join (select line_id, sum(quantity) as units from stock_allocation where kind = 'ship' group by line_id)
            as p on p.line_id = l.line_id
        left join (select line_id, sum(quantity) as units from line_entry
            where kind = 'ship' and source_kind = 'shipment' and quantity > 0 group by line_id) as e
            on e.line_id = l.line_id
        where coalesce(p.units, 0) <> coalesce(e.units, 0)""",
    ),
    "open_return_requests_hold_their_units": (
        "the units that are asked back are those of open return requests",
        """
        select l.line_id, l.return_requested_quantity, coalesce(r.units, 0) as asked from order_line as l
        left join (select q.line_id, sum(q.quantity - q.received_quantity - q.given_up_quantity) as units
            from return_request_line as q join return_request as h on h.request_id = q.request_id
            where h.state not in ('declined', 'cancelled', 'closed', 'received') group by q.line_id) as r
            on r.line_id = l.line_id
        where l.return_requested_quantity <> coalesce(r.units, 0)""",
    ),
    "nothing_waits_for_what_is_there": (
        "no parked fact waits for a document that has come",
        """
        select p.parked_id, p.waits_for from feed_parked as p
        join sales_order as o on o.account = p.account and p.waits_for = 'order/' || o.external_id""",
    ),
    "open_holds_hold_their_order": (
        "an order with an open hold is on hold, or has ended",
        """
        select h.hold_id, h.order_id, o.lifecycle from order_hold as h
        join sales_order as o on o.order_id = h.order_id
        left join order_hold_release as r on r.hold_id = h.hold_id
        where r.hold_id is null and o.lifecycle in ('none', 'pending', 'confirmed')""",
    ),
    "changes_are_numbered": (
        "an order's changes are numbered without a gap up to the version it is at",
        """
        select o.order_id, o.edit_version, count(c.version) as changes, max(c.version) as newest from sales_order as o
        left join order_change as c on c.order_id = o.order_id
        group by o.order_id, o.edit_version
        having count(c.version) <> o.edit_version - 1 or coalesce(max(c.version), 1) <> o.edit_version""",
    ),
    "milestones_are_numbered": (
        "the entries of a milestone are numbered without a gap",
        """
        select order_id, milestone, count(*) as entries, max(seq) as newest from order_milestone
        group by order_id, milestone having count(*) <> max(seq)""",
    ),
    "expectations_are_numbered": (
        "a purchase-order line expects its goods when its newest entry says, entries being numbered without a gap",
        """
        select l.po_line_id, l.expected_at, e.entries, n.expected_at as newest from purchase_order_line as l
        left join (select po_line_id, count(*) as entries, max(seq) as last from po_line_expectation
            group by po_line_id) as e on e.po_line_id = l.po_line_id
        left join po_line_expectation as n on n.po_line_id = l.po_line_id and n.seq = e.last
        where e.entries <> e.last or l.expected_at is distinct from n.expected_at""",
    ),
    "policies_are_numbered": (
        "the versions of a policy are numbered without a gap",
        """
        select kind, count(*) as versions, max(version) as newest from policy
        group by kind having count(*) <> max(version)""",
    ),
    "promises_name_their_decision": (
        "the decision that a promise names is there",
        """
        select a.allocation_id, a.decision_id from stock_allocation as a
        left join allocation_decision as d on d.decision_id = a.decision_id
        where a.decision_id is not null and d.decision_id is null""",
    ),
    "shipped_lines_are_on_the_shipment": (
        "units that a shipment sent are of a line it lists",
        """
        select e.entry_id, e.line_id, e.source_ref from line_entry as e
        join shipment as s on s.number = e.source_ref
        left join shipment_line as l on l.shipment_id = s.shipment_id and l.line_id = e.line_id
        where e.kind = 'ship' and e.source_kind = 'shipment' and l.line_id is null""",
    ),
    "shipped_units_were_picked": (
        "of each line, the units that a shipment sent and that did not come back are those picked for it",
        """
        select s.shipment_id, s.number, e.line_id, e.units, l.picked from shipment as s
        join (select source_ref, line_id, sum(quantity) as units from line_entry
            where kind = 'ship' and source_kind = 'shipment' group by source_ref, line_id) as e
            on e.source_ref = s.number
        join (select shipment_id, line_id, sum(coalesce(picked_quantity, quantity)) as picked from shipment_line
            group by shipment_id, line_id) as l on l.shipment_id = s.shipment_id and l.line_id = e.line_id
        where e.units <> 0 and e.units <> l.picked""",
    ),
    "transferred_units_left": (
        "units of a transfer's lines are the units its movements took from where it begins",
        """
        select d.transfer_id, d.number, l.sku, l.units, coalesce(m.units, 0) as moved from transfer as d
        join (select transfer_id, sku, sum(quantity) as units from transfer_line group by transfer_id, sku) as l
            on l.transfer_id = d.transfer_id
        left join (select document_ref, location, sku, -sum(quantity) as units from stock_movement
            where document_kind = 'transfer' and kind = 'transfer_out' group by document_ref, location, sku) as m
            on m.document_ref = d.number and m.location = d.from_location and m.sku = l.sku
        where d.state not in ('draft', 'cancelled') and l.units <> coalesce(m.units, 0)""",
    ),
    "copies_agree": (
        "what a row repeats of another is what the other says",
        """
        select 'line_allocation' as copy, a.line_id as id, a.sku as said from line_allocation as a
            join order_line as l on l.line_id = a.line_id where a.sku <> l.sku or a.order_id <> l.order_id
        union all select 'lot_balance', b.last_movement_id, b.lot from lot_balance as b
            join sku as s on s.sku = b.sku where b.is_serial <> (s.tracking = 'serial')
        union all select 'shipment_line', h.shipment_line_id, h.sku from shipment_line as h
            join order_line as l on l.line_id = h.line_id where h.sku <> l.sku
        union all select 'stock_balance', b.last_movement_id, b.sku from stock_balance as b
            left join stock_movement as m on m.movement_id = b.last_movement_id and m.sku = b.sku
                and m.location = b.location and m.condition = b.condition
            where m.movement_id is null""",
    ),
    "audit_names_who_commanded": (
        "an audit entry has the actor and role of its command",
        """
        select a.entry_id, a.actor, a.role, c.actor as commanded_by, c.role as commanded_as from audit_entry as a
        join command as c on c.command_key = a.command_key where a.actor <> c.actor or a.role <> c.role""",
    ),
    "every_command_was_audited": (
        "each command left an audit entry",
        """
        select c.command_key, c.use_case from command as c
        where not exists (select 1 from audit_entry as a where a.command_key = c.command_key)""",
    ),
}
