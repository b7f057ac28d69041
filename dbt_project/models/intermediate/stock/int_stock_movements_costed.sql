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
        quantity,
        occurred_at
    from {{ ref('stg_oms__stock_movements') }}
),

cost_changes as (
    select
        sku,
        location,
        currency,
        unit_cost,
        valid_from
    from {{ ref('int_unit_cost_changes') }}
),

-- A reversal takes the cost of what it reverses, so that the two net to nothing.
dated_movements as (
    select
        stock_movements.movement_id,
        stock_movements.sku,
        stock_movements.location,
        coalesce(reversed.occurred_at, stock_movements.occurred_at) as costed_at
    from stock_movements
    left outer join stock_movements as reversed
        on stock_movements.reverses_movement_id = reversed.movement_id
),

events as (
    select
        movement_id,
        sku,
        location,
        cast(null as varchar) as currency,
        cast(null as decimal(18, 6)) as unit_cost,
        1 as event_rank,
        costed_at as event_at
    from dated_movements
    union all
    select
        cast(null as bigint) as movement_id,
        sku,
        location,
        currency,
        unit_cost,
        0 as event_rank,
        valid_from as event_at
    from cost_changes
),

numbered as (
    select
        movement_id,
        sku,
        location,
        currency,
        unit_cost,
        count(unit_cost) over (
            partition by sku, location
            order by event_at, event_rank
            rows between unbounded preceding and current row
        ) as cost_number
    from events
),

costed as (
    select
        movement_id,
        max(currency) over (
            partition by sku, location, cost_number
        ) as currency,
        max(unit_cost) over (
            partition by sku, location, cost_number
        ) as unit_cost
    from numbered
),

movement_costs as (
    select
        movement_id,
        currency,
        unit_cost
    from costed
    where movement_id is not null
),

costed_movements as (
    select
        stock_movements.movement_id,
        stock_movements.reverses_movement_id,
        stock_movements.account,
        stock_movements.sku,
        stock_movements.location,
        stock_movements.condition,
        stock_movements.movement_kind,
        stock_movements.order_account,
        stock_movements.order_external_id,
        movement_costs.currency,
        stock_movements.quantity,
        movement_costs.unit_cost,
        cast(stock_movements.quantity * movement_costs.unit_cost as decimal(18, 6))
            as movement_cost,
        {{ business_date('stock_movements.occurred_at') }} as occurred_date,
        stock_movements.occurred_at
    from stock_movements
    inner join movement_costs
        on stock_movements.movement_id = movement_costs.movement_id
)

select * from costed_movements
