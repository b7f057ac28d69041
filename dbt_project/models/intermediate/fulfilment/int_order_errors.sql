with orders as (
    select
        order_id,
        account
    from {{ ref('stg_oms__orders') }}
),

-- The order that a part of a split was placed with.
split_orders as (
    select
        order_lines.order_id,
        min(order_lines.origin_order_id) as placed_order_id
    from {{ ref('stg_oms__order_lines') }} as order_lines
    inner join {{ ref('stg_oms__orders') }} as parts
        on order_lines.order_id = parts.order_id
    where order_lines.origin_order_id is not null and parts.relation = 'split'
    group by order_lines.order_id
),

return_requests as (
    select
        return_request_id,
        order_id,
        requested_at
    from {{ ref('stg_oms__return_requests') }}
    where state not in ('requested', 'declined', 'cancelled')
),

return_request_lines as (
    select
        return_request_line_id,
        return_request_id,
        reason
    from {{ ref('stg_oms__return_request_lines') }}
),

own_return_lines as (
    select return_line_id
    from {{ ref('stg_oms__return_lines') }}
    where order_line_id is not null
),

return_lines as (
    select
        return_line_id,
        order_id,
        reason,
        returned_at
    from {{ ref('int_return_lines_classified') }}
    where order_id is not null and reason is not null
),

shipments as (
    select
        shipment_id,
        order_id,
        shipped_at
    from {{ ref('stg_oms__shipments') }}
),

shipment_lines as (
    select
        shipment_line_id,
        shipment_id,
        planned_quantity,
        picked_quantity
    from {{ ref('stg_oms__shipment_lines') }}
    where picked_quantity < planned_quantity
),

delivery_events as (
    select
        document_id,
        event_number,
        reason,
        occurred_at
    from {{ ref('stg_oms__document_events') }}
    where document_kind = 'shipment' and event in ('fail', 'come_back') and reason is not null
),

refunds as (
    select
        payment_event_id,
        order_id,
        reason,
        occurred_at
    from {{ ref('stg_oms__payment_events') }}
    where event_kind = 'refund' and reason is not null
),

adjustment_lines as (
    select
        order_line_id,
        order_id,
        line_title,
        recorded_at
    from {{ ref('stg_oms__order_lines') }}
    where line_kind = 'adjustment'
),

evidence as (
    select
        return_requests.order_id,
        'return_request_line' as evidence_kind,
        cast(return_request_lines.return_request_line_id as varchar) as evidence_key,
        return_request_lines.reason,
        {{ order_error_cause('return_request_lines.reason') }} as cause,
        return_requests.requested_at as found_at
    from return_request_lines
    inner join return_requests
        on return_request_lines.return_request_id = return_requests.return_request_id
    union all
    select
        return_lines.order_id,
        'return_line' as evidence_kind,
        cast(return_lines.return_line_id as varchar) as evidence_key,
        return_lines.reason,
        {{ order_error_cause('return_lines.reason') }} as cause,
        return_lines.returned_at as found_at
    from return_lines
    left outer join own_return_lines
        on return_lines.return_line_id = own_return_lines.return_line_id
    where own_return_lines.return_line_id is null
    union all
    select
        shipments.order_id,
        'short_pick' as evidence_kind,
        cast(shipment_lines.shipment_line_id as varchar) as evidence_key,
        'left short' as reason,
        'quantity' as cause,
        shipments.shipped_at as found_at
    from shipment_lines
    inner join shipments
        on shipment_lines.shipment_id = shipments.shipment_id
    where shipments.shipped_at is not null
    union all
    select
        shipments.order_id,
        'failed_delivery' as evidence_kind,
        cast(delivery_events.document_id as varchar)
        || '/'
        || cast(delivery_events.event_number as varchar) as evidence_key,
        delivery_events.reason,
        {{ order_error_cause('delivery_events.reason') }} as cause,
        delivery_events.occurred_at as found_at
    from delivery_events
    inner join shipments
        on delivery_events.document_id = shipments.shipment_id
    union all
    select
        refunds.order_id,
        'refund' as evidence_kind,
        cast(refunds.payment_event_id as varchar) as evidence_key,
        refunds.reason,
        {{ order_error_cause('refunds.reason') }} as cause,
        refunds.occurred_at as found_at
    from refunds
    union all
    select
        adjustment_lines.order_id,
        'adjustment_line' as evidence_kind,
        cast(adjustment_lines.order_line_id as varchar) as evidence_key,
        adjustment_lines.line_title as reason,
        'price' as cause,
        adjustment_lines.recorded_at as found_at
    from adjustment_lines
),

order_errors as (
    select
        evidence.order_id,
        coalesce(split_orders.placed_order_id, evidence.order_id) as placed_order_id,
        evidence.cause,
        evidence.evidence_kind,
        evidence.evidence_key,
        orders.account,
        evidence.reason,
        {{ business_date('evidence.found_at') }} as found_date,
        evidence.found_at
    from evidence
    inner join orders
        on evidence.order_id = orders.order_id
    left outer join split_orders
        on evidence.order_id = split_orders.order_id
    where evidence.cause is not null
)

select * from order_errors
