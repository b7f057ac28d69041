with stock_movements as (
    select
        movement_id,
        reverses_movement_id,
        account,
        sku,
        location,
        condition,
        movement_kind,
        order_account,
        order_external_id,
        currency,
        quantity,
        unit_cost,
        movement_cost,
        occurred_date,
        occurred_at
    from {{ ref('int_stock_movements_costed') }}
),

orders as (
    select
        order_id,
        account,
        external_id
    from {{ ref('stg_oms__orders') }}
),

skus as (
    select
        sku,
        category
    from {{ ref('dim_sku') }}
),

company as (
    select base_currency
    from {{ ref('dim_company') }}
),

described as (
    select
        stock_movements.movement_id,
        stock_movements.reverses_movement_id,
        orders.order_id,
        stock_movements.account,
        stock_movements.sku,
        skus.category,
        stock_movements.location,
        stock_movements.condition,
        stock_movements.movement_kind,
        stock_movements.currency,
        case
            when stock_movements.currency = company.base_currency then company.base_currency
        end as base_currency,
        stock_movements.quantity,
        stock_movements.unit_cost,
        stock_movements.movement_cost,
        stock_movements.occurred_date,
        stock_movements.occurred_at
    from stock_movements
    cross join company
    left outer join orders
        on
            stock_movements.order_account = orders.account
            and stock_movements.order_external_id = orders.external_id
    left outer join skus
        on stock_movements.sku = skus.sku
)

select * from described
