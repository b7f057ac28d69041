{#-
    Where goods that moved, were regraded or came back had come from at first: each step of a chain is one join, and a
    chain is as long as the goods' way. Steps go back in time; at one instant movements may feed each other in a
    circle, so a chain ends after 50 steps and what is left counts as new goods.
-#}
{{ config(materialized='table', tags=['fifo']) }}

with recursive first_steps as (
    select
        movement_id,
        units_from,
        units_to,
        source_id,
        source_from,
        is_open
    from {{ ref('int_layer_steps') }}
),

steps as (
    select
        movement_id,
        units_from,
        units_to,
        source_id,
        source_from,
        is_open,
        1 as step_number
    from first_steps
    union all
    select
        steps.movement_id,
        steps.units_from + greatest(first_steps.units_from - steps.source_from, 0) as units_from,
        least(
            steps.units_to, steps.units_from + first_steps.units_to - steps.source_from
        ) as units_to,
        first_steps.source_id,
        first_steps.source_from + greatest(steps.source_from - first_steps.units_from, 0)
            as source_from,
        first_steps.is_open,
        steps.step_number + 1 as step_number
    from steps
    inner join first_steps
        on
            steps.source_id = first_steps.movement_id
            and first_steps.units_from < steps.source_from + steps.units_to - steps.units_from
            and steps.source_from < first_steps.units_to
    where
        steps.is_open
        and steps.step_number < 50
),

layer_sources as (
    select
        movement_id,
        source_id as origin_movement_id,
        units_from,
        units_to
    from steps
    where
        not is_open
        or step_number = 50
)

select * from layer_sources
