with cohort_ages as (
    select
        channel,
        age_week,
        observed_weeks,
        shipped_quantity,
        returned_quantity,
        ship_week
    from {{ ref('fct_return_cohort_ages') }}
),

by_week as (
    select
        channel,
        ship_week,
        age_week,
        sum(shipped_quantity) as shipped_quantity,
        sum(returned_quantity) as returned_quantity,
        min(observed_weeks) as observed_weeks
    from cohort_ages
    group by channel, ship_week, age_week
),

curves as (
    select
        channel,
        age_week,
        cast(
            max(shipped_quantity) over (
                partition by channel, ship_week
            ) as bigint
        ) as shipped_quantity,
        cast(returned_quantity as bigint) as returned_quantity,
        cast(
            sum(returned_quantity) over (
                partition by channel, ship_week
                order by age_week
            ) as bigint
        ) as returned_to_age_quantity,
        age_week < min(observed_weeks) over (
            partition by channel, ship_week
        ) as is_fully_observed,
        ship_week
    from by_week
)

select * from curves
