{#-
    Every unit of the ledger once: what brought it to its place, what took it, and where it had come from at first.
    Zero stands for a movement that is not there: nothing took it yet, or nothing covers what is owed.
-#}
{{ config(materialized='table', tags=['fifo']) }}

with layer_movements as (
    select
        movement_id,
        queue_id,
        sku,
        location,
        condition,
        way_kind,
        occurred_at
    from {{ ref('int_layer_movements') }}
),

matches as (
    select
        incoming_id,
        outgoing_id,
        units,
        incoming_from
    from {{ ref('int_layer_matches') }}
),

sources as (
    select
        movement_id,
        origin_movement_id,
        units_from,
        units_to
    from {{ ref('int_layer_sources') }}
),

layer_costs as (
    select
        movement_id,
        currency,
        unit_cost
    from {{ ref('int_layer_costs') }}
),

moved_before as (
    select movement_id
    from sources
    group by movement_id
),

new_goods as (
    select
        coalesce(matches.incoming_id, 0) as incoming_movement_id,
        coalesce(matches.outgoing_id, 0) as outgoing_movement_id,
        coalesce(matches.incoming_id, matches.outgoing_id) as origin_movement_id,
        matches.units
    from matches
    left outer join moved_before
        on matches.incoming_id = moved_before.movement_id
    where moved_before.movement_id is null
),

moved_goods as (
    select
        matches.incoming_id as incoming_movement_id,
        coalesce(matches.outgoing_id, 0) as outgoing_movement_id,
        sources.origin_movement_id,
        sum(
            least(matches.incoming_from + matches.units, sources.units_to)
            - greatest(matches.incoming_from, sources.units_from)
        ) as units
    from matches
    inner join sources
        on
            matches.incoming_id = sources.movement_id
            and matches.incoming_from < sources.units_to
            and matches.incoming_from + matches.units > sources.units_from
    group by
        matches.incoming_id,
        matches.outgoing_id,
        sources.origin_movement_id
),

all_goods as (
    select * from new_goods
    union all
    select * from moved_goods
),

layer_pieces as (
    select
        all_goods.incoming_movement_id,
        all_goods.outgoing_movement_id,
        all_goods.origin_movement_id,
        coalesce(incoming.sku, outgoing.sku) as sku,
        coalesce(incoming.location, outgoing.location) as location,
        coalesce(incoming.condition, outgoing.condition) as condition,
        case when incoming.movement_id is not null then layer_costs.currency end as currency,
        cast(all_goods.units as bigint) as units,
        case when incoming.movement_id is not null then layer_costs.unit_cost end as unit_cost,
        incoming.occurred_at as incoming_at,
        outgoing.occurred_at as outgoing_at,
        origins.occurred_at as originated_at
    from all_goods
    left outer join layer_movements as incoming
        on all_goods.incoming_movement_id = incoming.movement_id
    left outer join layer_movements as outgoing
        on all_goods.outgoing_movement_id = outgoing.movement_id
    inner join layer_movements as origins
        on all_goods.origin_movement_id = origins.movement_id
    left outer join layer_costs
        on all_goods.origin_movement_id = layer_costs.movement_id
)

select * from layer_pieces
