{#-
    CTE `matched_ranges`: pairs what comes into a queue with what leaves it, first in, first out, by laying both end to
    end and cutting at every end: linear, whatever the number of movements in one queue.

    relation: a CTE with columns queue_id, movement_id, is_incoming, turn (1, 2, … within queue and side), units,
    units_to (running sum within queue and side). Rows: queue_id, incoming_id (null: owed, nothing covers it yet),
    outgoing_id (null: still there), units, incoming_from and outgoing_from (units of each movement before these).
-#}
{% macro matched_ranges(relation) -%}
cuts as (
    select
        queue_id,
        units_to,
        sum(case when is_incoming then 1 else 0 end) as incoming_ends,
        sum(case when is_incoming then 0 else 1 end) as outgoing_ends
    from {{ relation }}
    group by queue_id, units_to
),

cut_ranges as (
    select
        queue_id,
        units_to,
        coalesce(
            lag(units_to) over (partition by queue_id order by units_to), cast(0 as bigint)
        ) as units_from,
        cast(
            1 + coalesce(
                sum(incoming_ends) over (
                    partition by queue_id
                    order by units_to
                    rows between unbounded preceding and 1 preceding
                ), 0
            ) as bigint
        ) as incoming_turn,
        cast(
            1 + coalesce(
                sum(outgoing_ends) over (
                    partition by queue_id
                    order by units_to
                    rows between unbounded preceding and 1 preceding
                ), 0
            ) as bigint
        ) as outgoing_turn
    from cuts
),

incoming_sides as (
    select
        queue_id,
        turn,
        movement_id,
        units_to - units as starts_at
    from {{ relation }}
    where is_incoming
),

outgoing_sides as (
    select
        queue_id,
        turn,
        movement_id,
        units_to - units as starts_at
    from {{ relation }}
    where not is_incoming
),

matched_ranges as (
    select
        cut_ranges.queue_id,
        incoming_sides.movement_id as incoming_id,
        outgoing_sides.movement_id as outgoing_id,
        cut_ranges.units_to - cut_ranges.units_from as units,
        cut_ranges.units_from - incoming_sides.starts_at as incoming_from,
        cut_ranges.units_from - outgoing_sides.starts_at as outgoing_from
    from cut_ranges
    left outer join incoming_sides
        on
            cut_ranges.queue_id = incoming_sides.queue_id
            and cut_ranges.incoming_turn = incoming_sides.turn
    left outer join outgoing_sides
        on
            cut_ranges.queue_id = outgoing_sides.queue_id
            and cut_ranges.outgoing_turn = outgoing_sides.turn
)
{%- endmacro %}
