-- A failing row is a kind of movement whose entries or units in fct_stock_movements are not those
-- of the raw ledger.
with raw_movements as (
    select
        kind,
        quantity,
        row_number() over (
            partition by movement_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'stock_movement') }}
),

raw_totals as (
    select
        kind,
        count(*) as entry_total,
        sum(quantity) as unit_total
    from raw_movements
    where version_rank = 1
    group by kind
),

mart_totals as (
    select
        movement_kind,
        count(*) as entry_total,
        sum(quantity) as unit_total
    from {{ ref('fct_stock_movements') }}
    group by movement_kind
),

compared as (
    select
        raw_totals.kind as raw_kind,
        mart_totals.movement_kind as mart_kind,
        raw_totals.entry_total as raw_entries,
        mart_totals.entry_total as mart_entries,
        raw_totals.unit_total as raw_units,
        mart_totals.unit_total as mart_units
    from raw_totals
    full outer join mart_totals
        on raw_totals.kind = mart_totals.movement_kind
)

select * from compared
where
    raw_kind is null
    or mart_kind is null
    or raw_entries <> mart_entries
    or raw_units <> mart_units
