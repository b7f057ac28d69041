with order_lines as (
    select
        order_line_id,
        order_id,
        placed_order_id,
        customer,
        account,
        channel,
        country,
        sku,
        category,
        line_kind,
        lifecycle,
        currency,
        base_currency,
        ordered_quantity,
        cancelled_quantity,
        moved_quantity,
        kept_quantity,
        unit_price,
        line_amount,
        discount_amount,
        kept_amount,
        base_kept_amount,
        is_sale,
        is_ordered,
        is_cancelled,
        order_date,
        placed_at
    from {{ ref('int_order_lines_classified') }}
)

select * from order_lines
