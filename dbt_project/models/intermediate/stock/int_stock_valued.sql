with stock_movements as (
    select
        sku,
        location,
        condition,
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

stocked_conditions as (
    select
        sku,
        location,
        condition
    from stock_movements
    group by sku, location, condition
),

changes as (
    select
        sku,
        location,
        condition,
        cast(null as varchar) as currency,
        quantity,
        cast(null as decimal(18, 6)) as unit_cost,
        1 as movement_count,
        occurred_at as changed_at
    from stock_movements
    union all
    select
        stocked_conditions.sku,
        stocked_conditions.location,
        stocked_conditions.condition,
        cost_changes.currency,
        cast(0 as bigint) as quantity,
        cost_changes.unit_cost,
        0 as movement_count,
        cost_changes.valid_from as changed_at
    from cost_changes
    inner join stocked_conditions
        on
            cost_changes.sku = stocked_conditions.sku
            and cost_changes.location = stocked_conditions.location
),

changes_by_instant as (
    select
        sku,
        location,
        condition,
        max(currency) as currency,
        sum(quantity) as quantity,
        max(unit_cost) as unit_cost,
        sum(movement_count) as movement_count,
        changed_at
    from changes
    group by sku, location, condition, changed_at
),

running as (
    select
        sku,
        location,
        condition,
        currency,
        unit_cost,
        changed_at as valid_from,
        sum(quantity) over (
            partition by sku, location, condition
            order by changed_at
            rows between unbounded preceding and current row
        ) as quantity,
        sum(movement_count) over (
            partition by sku, location, condition
            order by changed_at
            rows between unbounded preceding and current row
        ) as movements_so_far,
        count(unit_cost) over (
            partition by sku, location, condition
            order by changed_at
            rows between unbounded preceding and current row
        ) as cost_number,
        lead(changed_at) over (
            partition by sku, location, condition order by changed_at
        ) as valid_to
    from changes_by_instant
),

-- Rows between two cost changes share a cost number; its one known cost is theirs.
valued as (
    select
        sku,
        location,
        condition,
        cast(quantity as bigint) as quantity,
        movements_so_far,
        valid_from,
        valid_to,
        max(currency) over (
            partition by sku, location, condition, cost_number
        ) as currency,
        max(unit_cost) over (
            partition by sku, location, condition, cost_number
        ) as unit_cost
    from running
),

stock_intervals as (
    select
        sku,
        location,
        condition,
        currency,
        quantity,
        unit_cost,
        cast(quantity * unit_cost as decimal(18, 6)) as stock_value,
        valid_from,
        valid_to
    from valued
    where movements_so_far > 0
)

select * from stock_intervals
