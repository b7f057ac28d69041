with purchase_order_lines as (
    select
        purchase_order_line_id,
        purchase_order_id,
        account,
        supplier,
        location,
        sku,
        category,
        status,
        receipt_outcome,
        currency,
        ordered_quantity,
        cancelled_quantity,
        received_quantity,
        rejected_quantity,
        open_quantity,
        unit_price,
        ordered_amount,
        ordered_date,
        expected_date,
        received_date
    from {{ ref('int_purchase_lines_received') }}
)

select * from purchase_order_lines
