with orders as (
    select
        order_id,
        customer_id,
        account,
        country,
        region,
        currency,
        base_currency,
        lifecycle,
        base_rate,
        placed_at
    from {{ ref('stg_oms__orders') }}
),

first_orders as (
    select
        customer_id,
        {{ business_date('min(placed_at)') }} as first_order_date
    from orders
    where
        customer_id is not null
        and lifecycle <> 'cancelled'
    group by customer_id
),

-- The first day of a customer with an order that was kept is his day as a new customer.
dated_orders as (
    select
        orders.order_id,
        orders.customer_id,
        orders.account,
        orders.country,
        orders.region,
        orders.currency,
        orders.base_currency,
        orders.lifecycle,
        case
            when orders.customer_id is null then null
            when
                {{ business_date('orders.placed_at') }} > first_orders.first_order_date
                then 'returning'
            else 'new'
        end as customer_group,
        orders.base_rate,
        {{ business_date('orders.placed_at') }} as order_date,
        orders.placed_at
    from orders
    left outer join first_orders
        on orders.customer_id = first_orders.customer_id
),

order_lines as (
    select
        order_line_id,
        order_id,
        origin_order_id,
        sku,
        line_kind,
        ordered_quantity,
        cancelled_quantity,
        moved_quantity,
        unit_price,
        line_amount,
        discount_amount,
        cast(line_amount - left_amount as decimal(18, 6)) as kept_amount,
        cast(
            line_amount - left_amount + discount_amount - coalesce(left_discount, 0)
            as decimal(18, 6)
        ) as gross_amount
    from {{ ref('stg_oms__order_lines') }}
),

channel_accounts as (
    select
        account,
        channel
    from {{ ref('stg_oms__channel_accounts') }}
),

skus as (
    select
        sku,
        category
    from {{ ref('stg_oms__skus') }}
),

classified as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        coalesce(order_lines.origin_order_id, order_lines.order_id) as placed_order_id,
        cast(orders.customer_id as varchar) as customer,
        orders.account,
        channel_accounts.channel,
        orders.country,
        orders.region,
        orders.customer_group,
        order_lines.sku,
        skus.category,
        order_lines.line_kind,
        orders.lifecycle,
        orders.currency,
        orders.base_currency,
        orders.base_rate,
        order_lines.ordered_quantity,
        order_lines.cancelled_quantity,
        order_lines.moved_quantity,
        order_lines.ordered_quantity
        - order_lines.cancelled_quantity
        - order_lines.moved_quantity as kept_quantity,
        order_lines.unit_price,
        order_lines.line_amount,
        order_lines.discount_amount,
        order_lines.kept_amount,
        cast(cast(order_lines.kept_amount as decimal(20, 6)) * orders.base_rate as decimal(18, 6))
            as base_kept_amount,
        order_lines.gross_amount,
        cast(cast(order_lines.gross_amount as decimal(20, 6)) * orders.base_rate as decimal(18, 6))
            as base_gross_amount,
        (
            orders.lifecycle <> 'cancelled'
            and order_lines.line_kind not in ('write_off', 'adjustment')
            and order_lines.kept_amount > 0
            and (
                order_lines.cancelled_quantity + order_lines.moved_quantity = 0
                or order_lines.cancelled_quantity + order_lines.moved_quantity
                < abs(order_lines.ordered_quantity)
            )
        ) as is_sale,
        (
            order_lines.line_kind not in ('write_off', 'adjustment')
            and order_lines.line_amount > 0
            and (
                order_lines.moved_quantity = 0
                or order_lines.moved_quantity < abs(order_lines.ordered_quantity)
            )
        ) as is_ordered,
        (
            orders.lifecycle = 'cancelled'
            or (
                order_lines.cancelled_quantity > 0
                and order_lines.cancelled_quantity + order_lines.moved_quantity
                = abs(order_lines.ordered_quantity)
            )
        ) as is_cancelled,
        orders.order_date,
        orders.placed_at
    from order_lines
    inner join dated_orders as orders
        on order_lines.order_id = orders.order_id
    inner join channel_accounts
        on orders.account = channel_accounts.account
    left outer join skus
        on order_lines.sku = skus.sku
)

select * from classified
