with shipped_lines as (
    select
        account,
        channel,
        country,
        category,
        shipped_quantity,
        ship_date
    from {{ ref('fct_shipped_lines') }}
),

returned_units as (
    select
        account,
        channel,
        country,
        category,
        returned_quantity,
        age_days,
        ship_date
    from {{ ref('fct_returned_units') }}
    where is_in_cohort
),

company as (
    select last_date
    from {{ ref('dim_company') }}
),

cohort_rows as (
    select
        account,
        channel,
        country,
        category,
        cast(0 as bigint) as age_week,
        shipped_quantity,
        cast(0 as bigint) as returned_quantity,
        ship_date
    from shipped_lines
    union all
    select
        account,
        channel,
        country,
        category,
        cast(floor(age_days / 7.0) as bigint) as age_week,
        cast(0 as bigint) as shipped_quantity,
        returned_quantity,
        ship_date
    from returned_units
),

cohort_ages as (
    select
        account,
        channel,
        country,
        category,
        age_week,
        cast(sum(shipped_quantity) as bigint) as shipped_quantity,
        cast(sum(returned_quantity) as bigint) as returned_quantity,
        ship_date
    from cohort_rows
    group by account, channel, country, category, age_week, ship_date
),

observed as (
    select
        md5(
            cast(cohort_ages.ship_date as varchar)
            || '|' || cast(cohort_ages.age_week as varchar)
            || '|' || cohort_ages.account
            || '|' || coalesce('=' || cohort_ages.country, '')
            || '|' || coalesce('=' || cohort_ages.category, '')
        ) as cohort_age_id,
        cohort_ages.account,
        cohort_ages.channel,
        cohort_ages.country,
        cohort_ages.category,
        cohort_ages.age_week,
        cast(
            greatest(floor((company.last_date - cohort_ages.ship_date + 1) / 7.0), 0) as bigint
        ) as observed_weeks,
        cohort_ages.shipped_quantity,
        cohort_ages.returned_quantity,
        cohort_ages.ship_date,
        cast(date_trunc('week', cohort_ages.ship_date) as date) as ship_week
    from cohort_ages
    cross join company
)

select * from observed
