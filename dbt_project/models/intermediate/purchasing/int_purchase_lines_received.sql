with purchase_lines as (
    select
        purchase_order_line_id,
        purchase_order_id,
        sku,
        ordered_quantity,
        cancelled_quantity,
        received_quantity,
        rejected_quantity,
        unit_price,
        expected_at
    from {{ ref('stg_oms__purchase_order_lines') }}
),

purchase_orders as (
    select
        purchase_order_id,
        account,
        supplier,
        location,
        currency,
        state,
        ordered_at
    from {{ ref('stg_oms__purchase_orders') }}
),

receipts as (
    select
        receipt_id,
        received_at
    from {{ ref('stg_oms__receipts') }}
),

receipt_lines as (
    select
        receipt_id,
        purchase_order_line_id
    from {{ ref('stg_oms__receipt_lines') }}
),

arrivals as (
    select
        receipt_lines.purchase_order_line_id,
        max(receipts.received_at) as last_received_at
    from receipt_lines
    inner join receipts
        on receipt_lines.receipt_id = receipts.receipt_id
    group by receipt_lines.purchase_order_line_id
),

skus as (
    select
        sku,
        category
    from {{ ref('stg_oms__skus') }}
),

lines_received as (
    select
        purchase_lines.purchase_order_line_id,
        purchase_lines.purchase_order_id,
        purchase_orders.account,
        purchase_orders.supplier,
        purchase_orders.location,
        purchase_lines.sku,
        skus.category,
        purchase_orders.state as status,
        case
            when
                purchase_lines.received_quantity
                < purchase_lines.ordered_quantity - purchase_lines.cancelled_quantity
                then 'short'
            when
                purchase_lines.received_quantity
                > purchase_lines.ordered_quantity - purchase_lines.cancelled_quantity
                then 'over'
            else 'exact'
        end as receipt_outcome,
        purchase_orders.currency,
        purchase_lines.ordered_quantity,
        purchase_lines.cancelled_quantity,
        purchase_lines.received_quantity,
        purchase_lines.rejected_quantity,
        case
            when purchase_orders.state in ('received', 'closed', 'cancelled') then 0
            else greatest(
                purchase_lines.ordered_quantity
                - purchase_lines.cancelled_quantity
                - purchase_lines.received_quantity,
                0
            )
        end as open_quantity,
        purchase_lines.unit_price,
        cast(purchase_lines.unit_price * purchase_lines.ordered_quantity as decimal(18, 6))
            as ordered_amount,
        {{ business_date('purchase_orders.ordered_at') }} as ordered_date,
        {{ business_date('purchase_lines.expected_at') }} as expected_date,
        {{ business_date('arrivals.last_received_at') }} as received_date
    from purchase_lines
    inner join purchase_orders
        on purchase_lines.purchase_order_id = purchase_orders.purchase_order_id
    left outer join arrivals
        on purchase_lines.purchase_order_line_id = arrivals.purchase_order_line_id
    left outer join skus
        on purchase_lines.sku = skus.sku
)

select * from lines_received
