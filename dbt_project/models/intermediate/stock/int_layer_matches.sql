{{ config(materialized='table', tags=['fifo']) }}

with sides as (
    select
        queue_id,
        movement_id,
        is_incoming,
        units,
        row_number() over (
            partition by queue_id, is_incoming
            order by occurred_at, phase, movement_id
        ) as turn,
        cast(
            sum(units) over (
                partition by queue_id, is_incoming
                order by occurred_at, phase, movement_id
                rows between unbounded preceding and current row
            ) as bigint
        ) as units_to
    from {{ ref('int_layer_movements') }}
),

{{ matched_ranges('sides') }}

select * from matched_ranges
