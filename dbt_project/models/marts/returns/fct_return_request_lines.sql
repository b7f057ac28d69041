with request_lines as (
    select
        return_request_line_id,
        return_request_id,
        order_line_id,
        reason,
        requested_quantity,
        received_quantity,
        restocked_quantity,
        scrapped_quantity,
        damaged_quantity,
        sent_back_quantity,
        given_up_quantity
    from {{ ref('stg_oms__return_request_lines') }}
),

requests as (
    select
        return_request_id,
        order_id,
        request_kind,
        state,
        requested_at
    from {{ ref('stg_oms__return_requests') }}
),

arrivals as (
    select
        return_request_line_id,
        min(occurred_at) as received_at
    from {{ ref('stg_oms__return_entries') }}
    where entry_kind = 'receive'
    group by return_request_line_id
),

refunds as (
    select
        return_request_id,
        min(occurred_at) as refunded_at
    from {{ ref('stg_oms__payment_events') }}
    where
        event_kind = 'refund'
        and return_request_id is not null
    group by return_request_id
),

order_lines as (
    select
        order_line_id,
        account,
        channel,
        country,
        region,
        sku,
        category
    from {{ ref('fct_order_lines') }}
),

described as (
    select
        request_lines.return_request_line_id,
        request_lines.return_request_id,
        requests.order_id,
        request_lines.order_line_id,
        order_lines.account,
        order_lines.channel,
        order_lines.country,
        order_lines.region,
        order_lines.sku,
        order_lines.category,
        requests.request_kind,
        requests.state as status,
        request_lines.reason,
        request_lines.requested_quantity,
        request_lines.received_quantity,
        request_lines.restocked_quantity,
        request_lines.scrapped_quantity,
        request_lines.damaged_quantity,
        request_lines.sent_back_quantity,
        request_lines.given_up_quantity,
        (
            requests.request_kind = 'return'
            and request_lines.received_quantity > request_lines.sent_back_quantity
        ) as is_refund_due,
        {{ business_date('requests.requested_at') }} as requested_date,
        {{ business_date('arrivals.received_at') }} as received_date,
        {{ business_date('refunds.refunded_at') }} as refunded_date,
        requests.requested_at,
        arrivals.received_at,
        refunds.refunded_at
    from request_lines
    inner join requests
        on request_lines.return_request_id = requests.return_request_id
    inner join order_lines
        on request_lines.order_line_id = order_lines.order_line_id
    left outer join arrivals
        on request_lines.return_request_line_id = arrivals.return_request_line_id
    left outer join refunds
        on request_lines.return_request_id = refunds.return_request_id
)

select * from described
