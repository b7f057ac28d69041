with orders_judged as (
    select
        order_id,
        account,
        channel,
        country,
        location,
        carrier,
        delivery_method,
        status,
        loss_cause,
        human_event_count,
        is_fulfilled_here,
        is_tried,
        is_filled,
        is_shipped,
        is_due,
        is_in_full,
        is_on_time,
        is_documented,
        is_sound,
        has_error,
        order_date,
        shipped_date,
        promised_date,
        placed_at,
        approved_at,
        allocated_at,
        released_at,
        packed_at,
        left_at,
        shipped_at,
        delivered_at,
        seen_until
    from {{ ref('int_orders_judged') }}
)

select * from orders_judged
