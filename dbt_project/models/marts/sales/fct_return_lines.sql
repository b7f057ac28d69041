with return_lines as (
    select
        return_line_id,
        return_id,
        order_id,
        order_line_id,
        customer,
        account,
        channel,
        country,
        sku,
        category,
        line_kind,
        reason,
        currency,
        base_currency,
        returned_quantity,
        returned_amount,
        base_returned_amount,
        returned_cost_amount,
        base_returned_cost_amount,
        is_return,
        is_costed,
        return_date,
        returned_at
    from {{ ref('int_return_lines_costed') }}
)

select * from return_lines
