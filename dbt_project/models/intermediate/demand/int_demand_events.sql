with stock_allocations as (
    select
        order_id,
        order_line_id,
        entry_kind,
        sku,
        location,
        entry_quantity
    from {{ ref('stg_oms__stock_allocations') }}
),

orders as (
    select
        order_id,
        account,
        external_id,
        placed_at
    from {{ ref('stg_oms__orders') }}
),

stock_movements as (
    select
        movement_id,
        reverses_movement_id,
        sku,
        location,
        movement_kind,
        order_account,
        order_external_id,
        quantity,
        occurred_at
    from {{ ref('stg_oms__stock_movements') }}
    where movement_kind = 'ship'
),

-- Units of an order line that were promised at a place and not given back: wanted when the order
-- was placed.
promised_lines as (
    select
        order_id,
        order_line_id,
        sku,
        location,
        sum(
            case
                when entry_kind in ('reserve', 'allocate') then entry_quantity
                when entry_kind in ('release', 'void', 'expire') then -entry_quantity
                else 0
            end
        ) as quantity
    from stock_allocations
    group by
        order_id,
        order_line_id,
        sku,
        location
),

promised as (
    select
        orders.account,
        orders.external_id,
        promised_lines.sku,
        promised_lines.location,
        cast(promised_lines.quantity as bigint) as quantity,
        orders.placed_at as demanded_at
    from promised_lines
    inner join orders
        on promised_lines.order_id = orders.order_id
),

promised_orders as (
    select distinct
        account,
        external_id,
        sku,
        location
    from promised
),

reversals as (
    select
        reverses_movement_id,
        sum(quantity) as quantity
    from stock_movements
    where reverses_movement_id is not null
    group by reverses_movement_id
),

-- Where orders name no place, what was shipped there was wanted there, when it was shipped.
shipped as (
    select
        stock_movements.sku,
        stock_movements.location,
        stock_movements.order_account,
        stock_movements.order_external_id,
        cast(-stock_movements.quantity - coalesce(reversals.quantity, 0) as bigint) as quantity,
        stock_movements.occurred_at as demanded_at
    from stock_movements
    left outer join reversals
        on stock_movements.movement_id = reversals.reverses_movement_id
    where stock_movements.reverses_movement_id is null
),

shipped_without_promise as (
    select
        shipped.sku,
        shipped.location,
        shipped.quantity,
        shipped.demanded_at
    from shipped
    left outer join promised_orders
        on
            shipped.order_account = promised_orders.account
            and shipped.order_external_id = promised_orders.external_id
            and shipped.sku = promised_orders.sku
            and shipped.location = promised_orders.location
    where promised_orders.sku is null
),

events as (
    select
        sku,
        location,
        quantity,
        demanded_at
    from promised
    union all
    select
        sku,
        location,
        quantity,
        demanded_at
    from shipped_without_promise
),

demand_events as (
    select
        sku,
        location,
        quantity,
        demanded_at
    from events
    where quantity > 0
)

select * from demand_events
