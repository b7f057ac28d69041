with stock_movements as (
    select
        sku,
        location,
        condition,
        movement_kind,
        quantity,
        occurred_at
    from {{ ref('stg_oms__stock_movements') }}
),

stock_snapshots as (
    select
        location,
        observed_at
    from {{ ref('stg_oms__stock_snapshots') }}
),

stock_records as (
    select
        location,
        occurred_at as known_at
    from stock_movements
    union all
    select
        location,
        observed_at as known_at
    from stock_snapshots
),

location_starts as (
    select
        location,
        min(known_at) as listed_from
    from stock_records
    group by location
),

-- Listed: ever moved, an opening balance apart; from the location's first stock record on.
listed_skus as (
    select
        stock_movements.sku,
        stock_movements.location,
        location_starts.listed_from
    from stock_movements
    inner join location_starts
        on stock_movements.location = location_starts.location
    where stock_movements.movement_kind <> 'opening'
    group by
        stock_movements.sku,
        stock_movements.location,
        location_starts.listed_from
),

sellable_changes as (
    select
        sku,
        location,
        quantity,
        occurred_at as changed_at
    from stock_movements
    where condition = 'sellable'
    union all
    select
        sku,
        location,
        cast(0 as bigint) as quantity,
        listed_from as changed_at
    from listed_skus
),

changes_by_instant as (
    select
        sellable_changes.sku,
        sellable_changes.location,
        sum(sellable_changes.quantity) as quantity,
        sellable_changes.changed_at
    from sellable_changes
    inner join listed_skus
        on
            sellable_changes.sku = listed_skus.sku
            and sellable_changes.location = listed_skus.location
    group by
        sellable_changes.sku,
        sellable_changes.location,
        sellable_changes.changed_at
),

-- Nothing is allocated or reserved yet, so what is available is what is on hand and sellable.
running as (
    select
        sku,
        location,
        changed_at as valid_from,
        cast(
            sum(quantity) over (
                partition by sku, location
                order by changed_at
                rows between unbounded preceding and current row
            ) as bigint
        ) as available_quantity,
        lead(changed_at) over (
            partition by sku, location order by changed_at
        ) as valid_to
    from changes_by_instant
),

availability_intervals as (
    select
        sku,
        location,
        available_quantity,
        available_quantity <= 0 as is_out_of_stock,
        valid_from,
        valid_to
    from running
)

select * from availability_intervals
