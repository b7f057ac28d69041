{#-
    What goods that come in cost if they are new: what their movement says; else, where goods are bought or made, the
    dated unit cost; else the newest cost known of the SKU.
-#}
{{ config(materialized='table', tags=['fifo']) }}

with layer_movements as (
    select
        movement_id,
        sku,
        movement_kind,
        way_kind,
        phase,
        occurred_at
    from {{ ref('int_layer_movements') }}
    where is_incoming
),

stated_costs as (
    select
        movement_id,
        currency,
        unit_cost
    from {{ ref('stg_oms__stock_movements') }}
    where unit_cost is not null
),

dated_costs as (
    select
        movement_id,
        currency,
        unit_cost
    from {{ ref('int_stock_movements_costed') }}
    where
        quantity > 0
        and unit_cost is not null
),

known as (
    select
        layer_movements.movement_id,
        layer_movements.sku,
        case
            when layer_movements.way_kind is not null then null
            when stated_costs.unit_cost is not null then stated_costs.currency
            when layer_movements.movement_kind in ('opening', 'receive', 'kit_produce')
                then dated_costs.currency
        end as new_currency,
        case
            when layer_movements.way_kind is not null then null
            when stated_costs.unit_cost is not null then stated_costs.unit_cost
            when layer_movements.movement_kind in ('opening', 'receive', 'kit_produce')
                then dated_costs.unit_cost
        end as new_unit_cost,
        coalesce(stated_costs.currency, dated_costs.currency) as other_currency,
        coalesce(stated_costs.unit_cost, dated_costs.unit_cost) as other_unit_cost,
        stated_costs.unit_cost is not null as is_stated,
        layer_movements.phase,
        layer_movements.occurred_at
    from layer_movements
    left outer join stated_costs
        on layer_movements.movement_id = stated_costs.movement_id
    left outer join dated_costs
        on layer_movements.movement_id = dated_costs.movement_id
),

numbered as (
    select
        movement_id,
        sku,
        new_currency,
        new_unit_cost,
        other_currency,
        other_unit_cost,
        is_stated,
        count(new_unit_cost) over (
            partition by sku
            order by occurred_at, phase, movement_id
            rows between unbounded preceding and current row
        ) as cost_number
    from known
),

newest as (
    select
        movement_id,
        other_currency,
        other_unit_cost,
        is_stated,
        max(new_currency) over (partition by sku, cost_number) as newest_currency,
        max(new_unit_cost) over (partition by sku, cost_number) as newest_unit_cost
    from numbered
),

layer_costs as (
    select
        movement_id,
        case
            when is_stated or newest_unit_cost is null then other_currency
            else newest_currency
        end as currency,
        case
            when is_stated or newest_unit_cost is null then other_unit_cost
            else newest_unit_cost
        end as unit_cost
    from newest
)

select * from layer_costs
