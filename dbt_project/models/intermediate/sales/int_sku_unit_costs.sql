{#- A table, not a view: lines and returns are joined to it by time. -#}
{{ config(materialized='table') }}

with location_costs as (
    select
        sku,
        location,
        currency,
        unit_cost,
        valid_from
    from {{ ref('int_unit_cost_changes') }}
),

unit_costs as (
    select
        sku,
        location,
        currency,
        unit_cost,
        valid_from
    from {{ ref('stg_oms__unit_costs') }}
    where location = ''
),

all_costs as (
    select * from unit_costs
    union all
    select * from location_costs
),

-- A company-wide cost before one of a location that holds from the same instant.
ranked_costs as (
    select
        sku,
        currency,
        unit_cost,
        valid_from,
        row_number() over (
            partition by sku, valid_from order by location
        ) as cost_rank
    from all_costs
),

dated_costs as (
    select
        sku,
        currency,
        unit_cost,
        valid_from,
        lead(valid_from) over (
            partition by sku order by valid_from
        ) as valid_to
    from ranked_costs
    where cost_rank = 1
)

select * from dated_costs
