{#-
    First out of one place, first into the next: a transfer's legs, the two sides of a change of condition, what an
    order's shipments took and its returns bring back. What arrives before anything left on its way matches nothing.
-#}
{{ config(materialized='table', tags=['fifo']) }}

with arrivals as (
    select
        movement_id,
        sku,
        way_kind,
        way_owner,
        way_ref,
        units,
        phase,
        is_incoming,
        occurred_at
    from {{ ref('int_layer_movements') }}
    where
        is_incoming
        and way_kind is not null
),

ways as (
    select
        sku,
        way_kind,
        way_owner,
        way_ref,
        row_number() over (order by sku, way_kind, way_owner, way_ref) as queue_id
    from arrivals
    group by sku, way_kind, way_owner, way_ref
),

departures as (
    select
        movement_id,
        sku,
        way_kind,
        way_owner,
        way_ref,
        units,
        phase,
        is_incoming,
        occurred_at
    from {{ ref('int_layer_movements') }}
    where
        not is_incoming
        and way_kind is not null
),

legs as (
    select * from arrivals
    union all
    select * from departures
),

running as (
    select
        ways.queue_id,
        legs.movement_id,
        legs.is_incoming,
        legs.units,
        legs.phase,
        cast(
            sum(case when legs.is_incoming then legs.units else -legs.units end) over (
                partition by ways.queue_id
                order by legs.occurred_at, legs.is_incoming, legs.phase, legs.movement_id
                rows between unbounded preceding and current row
            ) as bigint
        ) as surplus,
        cast(
            sum(case when legs.is_incoming then legs.units else 0 end) over (
                partition by ways.queue_id
                order by legs.occurred_at, legs.is_incoming, legs.phase, legs.movement_id
                rows between unbounded preceding and current row
            ) as bigint
        ) as arrived_units,
        legs.occurred_at
    from legs
    inner join ways
        on
            legs.sku = ways.sku
            and legs.way_kind = ways.way_kind
            and legs.way_owner = ways.way_owner
            and legs.way_ref = ways.way_ref
),

-- What arrived beyond all that had left until then came from nowhere known.
reflected as (
    select
        queue_id,
        movement_id,
        is_incoming,
        units,
        phase,
        arrived_units,
        greatest(
            max(surplus) over (
                partition by queue_id
                order by occurred_at, is_incoming, phase, movement_id
                rows between unbounded preceding and current row
            ), 0
        ) as unknown_units,
        occurred_at
    from running
),

matched_arrivals as (
    select
        queue_id,
        movement_id,
        arrived_units - unknown_units as units_to,
        coalesce(
            lag(arrived_units - unknown_units) over (
                partition by queue_id order by occurred_at, phase, movement_id
            ), 0
        ) as units_from,
        phase,
        occurred_at
    from reflected
    where is_incoming
),

sides as (
    select
        queue_id,
        movement_id,
        true as is_incoming,
        units_to - units_from as units,
        row_number() over (
            partition by queue_id order by occurred_at, phase, movement_id
        ) as turn,
        units_to
    from matched_arrivals
    where units_to > units_from
    union all
    select
        queue_id,
        movement_id,
        is_incoming,
        units,
        row_number() over (
            partition by queue_id order by occurred_at, phase, movement_id
        ) as turn,
        cast(
            sum(units) over (
                partition by queue_id
                order by occurred_at, phase, movement_id
                rows between unbounded preceding and current row
            ) as bigint
        ) as units_to
    from reflected
    where not is_incoming
),

{{ matched_ranges('sides') }},

layer_ways as (
    select
        incoming_id,
        outgoing_id,
        units,
        incoming_from,
        outgoing_from
    from matched_ranges
    where incoming_id is not null
)

select * from layer_ways
