with lines as (
    select
        order_line_id,
        order_id,
        placed_order_id,
        account,
        channel,
        country,
        sku,
        category,
        wanted_quantity,
        filled_quantity,
        is_tried,
        is_short,
        is_shipping_due,
        is_shipped_on_time,
        order_date,
        tried_at
    from {{ ref('int_fulfilment_lines') }}
)

select * from lines
