with shipped_orders as (
    select
        order_id,
        min(ship_date) as ship_date
    from {{ ref('fct_shipped_lines') }}
    group by order_id
),

orders as (
    select
        order_id,
        account,
        channel,
        country
    from {{ ref('fct_order_milestones') }}
),

return_lines as (
    select
        return_line_id,
        order_id,
        reason,
        currency,
        base_currency,
        returned_amount,
        base_returned_amount,
        is_return,
        returned_at
    from {{ ref('fct_return_lines') }}
    where order_id is not null
),

refund_events as (
    select
        payment_event_id,
        order_id,
        reason,
        currency,
        base_currency,
        event_amount,
        base_event_amount,
        occurred_at
    from {{ ref('stg_oms__payment_events') }}
    where
        event_kind = 'refund'
        and return_request_id is null
),

orders_with_documents as (
    select order_id
    from return_lines
    group by order_id
),

paid_back as (
    select
        'payment' as refund_kind,
        refund_events.payment_event_id as source_id,
        refund_events.order_id,
        refund_events.reason,
        refund_events.currency,
        refund_events.base_currency,
        refund_events.event_amount as refunded_amount,
        refund_events.base_event_amount as base_refunded_amount,
        refund_events.occurred_at as refunded_at
    from refund_events
    left outer join orders_with_documents
        on refund_events.order_id = orders_with_documents.order_id
    where orders_with_documents.order_id is null
),

written_off as (
    select
        'document' as refund_kind,
        return_line_id as source_id,
        order_id,
        reason,
        currency,
        base_currency,
        returned_amount as refunded_amount,
        base_returned_amount as base_refunded_amount,
        returned_at as refunded_at
    from return_lines
    where not is_return
),

refunds as (
    select * from paid_back
    union all
    select * from written_off
),

described as (
    select
        refunds.refund_kind,
        refunds.source_id,
        refunds.order_id,
        orders.account,
        orders.channel,
        orders.country,
        refunds.reason,
        refunds.currency,
        refunds.base_currency,
        refunds.refunded_amount,
        refunds.base_refunded_amount,
        shipped_orders.ship_date,
        {{ business_date('refunds.refunded_at') }} as refunded_date,
        refunds.refunded_at
    from refunds
    inner join shipped_orders
        on refunds.order_id = shipped_orders.order_id
    inner join orders
        on refunds.order_id = orders.order_id
)

select * from described
