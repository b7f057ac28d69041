{#-
    The first step back in time: what moved, was regraded or came back, cut by what brought it to the place it left.
    `is_open`: the source had moved before, too.
-#}
{{ config(materialized='table', tags=['fifo']) }}

with incoming as (
    select
        movement_id,
        way_kind,
        units,
        occurred_at
    from {{ ref('int_layer_movements') }}
    where is_incoming
),

outgoing as (
    select
        movement_id,
        occurred_at
    from {{ ref('int_layer_movements') }}
    where not is_incoming
),

ways as (
    select
        incoming_id,
        outgoing_id,
        units,
        incoming_from,
        outgoing_from
    from {{ ref('int_layer_ways') }}
),

departures as (
    select
        ways.outgoing_id,
        outgoing.occurred_at
    from ways
    inner join outgoing
        on ways.outgoing_id = outgoing.movement_id
    group by ways.outgoing_id, outgoing.occurred_at
),

taken as (
    select
        matches.outgoing_id,
        matches.incoming_id,
        matches.units,
        matches.incoming_from,
        matches.outgoing_from,
        departures.occurred_at as departed_at
    from {{ ref('int_layer_matches') }} as matches
    inner join departures
        on matches.outgoing_id = departures.outgoing_id
),

-- The part of a departure that one arrival brings, cut by what the departure took at its place.
handed_on as (
    select
        ways.incoming_id as movement_id,
        taken.incoming_id as source_id,
        greatest(ways.outgoing_from, taken.outgoing_from) as departed_from,
        least(ways.outgoing_from + ways.units, taken.outgoing_from + taken.units) as departed_to,
        ways.incoming_from - ways.outgoing_from as arrival_shift,
        taken.incoming_from - taken.outgoing_from as source_shift,
        taken.departed_at
    from ways
    inner join taken
        on
            ways.outgoing_id = taken.outgoing_id
            and ways.outgoing_from < taken.outgoing_from + taken.units
            and ways.outgoing_from + ways.units > taken.outgoing_from
),

-- Units that the departure owed and that had not come when they arrived travel without a past.
known_parts as (
    select
        handed_on.movement_id,
        handed_on.departed_from + handed_on.arrival_shift as units_from,
        handed_on.departed_to + handed_on.arrival_shift as units_to,
        handed_on.source_id,
        handed_on.departed_from + handed_on.source_shift as source_from,
        sources.way_kind is not null as is_open
    from handed_on
    inner join incoming as arrivals
        on handed_on.movement_id = arrivals.movement_id
    inner join incoming as sources
        on handed_on.source_id = sources.movement_id
    where
        sources.occurred_at < arrivals.occurred_at
        or sources.occurred_at <= handed_on.departed_at
),

parts_before as (
    select
        movement_id,
        units_from,
        units_to,
        source_id,
        source_from,
        is_open,
        coalesce(
            lag(units_to) over (partition by movement_id order by units_from), 0
        ) as gap_from
    from known_parts
),

last_parts as (
    select
        movement_id,
        max(units_to) as units_to
    from known_parts
    group by movement_id
),

layer_steps as (
    select
        movement_id,
        cast(units_from as bigint) as units_from,
        cast(units_to as bigint) as units_to,
        source_id,
        cast(source_from as bigint) as source_from,
        is_open
    from known_parts
    union all
    select
        movement_id,
        cast(gap_from as bigint) as units_from,
        cast(units_from as bigint) as units_to,
        movement_id as source_id,
        cast(gap_from as bigint) as source_from,
        false as is_open
    from parts_before
    where gap_from < units_from
    union all
    select
        incoming.movement_id,
        cast(coalesce(last_parts.units_to, 0) as bigint) as units_from,
        cast(incoming.units as bigint) as units_to,
        incoming.movement_id as source_id,
        cast(coalesce(last_parts.units_to, 0) as bigint) as source_from,
        false as is_open
    from incoming
    left outer join last_parts
        on incoming.movement_id = last_parts.movement_id
    where
        incoming.way_kind is not null
        and incoming.units > coalesce(last_parts.units_to, 0)
)

select * from layer_steps
