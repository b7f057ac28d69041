{#- A table, not a view: two marts read it, and it ranks every observed cost. -#}
{{ config(materialized='table') }}

with stock_movements as (
    select
        sku,
        location
    from {{ ref('stg_oms__stock_movements') }}
),

stock_snapshots as (
    select
        stock_snapshot_id,
        sku,
        location,
        currency,
        unit_cost,
        observed_at
    from {{ ref('stg_oms__stock_snapshots') }}
),

unit_costs as (
    select
        sku,
        location,
        currency,
        unit_cost,
        valid_from
    from {{ ref('stg_oms__unit_costs') }}
),

stocked_skus as (
    select
        sku,
        location
    from stock_movements
    group by sku, location
),

-- A cost seen beside an observed balance holds from the start of that business day.
observed_costs as (
    select
        sku,
        location,
        currency,
        unit_cost,
        {{ business_day_start(business_date('observed_at')) }} as valid_from,
        observed_at as known_at,
        stock_snapshot_id as source_number,
        1 as source_rank
    from stock_snapshots
    where unit_cost is not null
),

location_costs as (
    select
        sku,
        location,
        currency,
        unit_cost,
        valid_from,
        valid_from as known_at,
        cast(0 as bigint) as source_number,
        2 as source_rank
    from unit_costs
    where location <> ''
),

company_costs as (
    select
        stocked_skus.sku,
        stocked_skus.location,
        unit_costs.currency,
        unit_costs.unit_cost,
        unit_costs.valid_from,
        unit_costs.valid_from as known_at,
        cast(0 as bigint) as source_number,
        3 as source_rank
    from unit_costs
    inner join stocked_skus
        on unit_costs.sku = stocked_skus.sku
    where unit_costs.location = ''
),

all_costs as (
    select * from observed_costs
    union all
    select * from location_costs
    union all
    select * from company_costs
),

ranked_costs as (
    select
        sku,
        location,
        currency,
        unit_cost,
        valid_from,
        row_number() over (
            partition by sku, location, valid_from
            order by source_rank asc, known_at desc, source_number desc
        ) as cost_rank
    from all_costs
),

dated_costs as (
    select
        sku,
        location,
        currency,
        unit_cost,
        valid_from,
        lag(unit_cost) over (
            partition by sku, location order by valid_from
        ) as previous_unit_cost,
        lag(currency) over (
            partition by sku, location order by valid_from
        ) as previous_currency
    from ranked_costs
    where cost_rank = 1
),

cost_changes as (
    select
        sku,
        location,
        currency,
        unit_cost,
        valid_from
    from dated_costs
    where
        previous_unit_cost is null
        or unit_cost <> previous_unit_cost
        or currency <> previous_currency
)

select * from cost_changes
