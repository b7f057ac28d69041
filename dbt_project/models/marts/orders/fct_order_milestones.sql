with order_milestones as (
    select
        order_id,
        customer,
        account,
        channel,
        country,
        currency,
        status,
        is_placed,
        is_shipping_due,
        is_delivery_due,
        is_shipped_on_time,
        is_delivered_on_time,
        order_date,
        shipped_date,
        delivered_date,
        promised_date,
        placed_at,
        approved_at,
        shipped_at,
        delivered_at,
        promised_at
    from {{ ref('int_orders_with_milestones') }}
)

select * from order_milestones
