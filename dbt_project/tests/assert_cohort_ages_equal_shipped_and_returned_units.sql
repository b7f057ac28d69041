-- A failing row is a ship date whose units in fct_return_cohort_ages are not those of
-- fct_shipped_lines, or whose units that came back are not those of fct_returned_units.
with shipped as (
    select
        ship_date,
        sum(shipped_quantity) as shipped_quantity
    from {{ ref('fct_shipped_lines') }}
    group by ship_date
),

returned as (
    select
        ship_date,
        sum(returned_quantity) as returned_quantity
    from {{ ref('fct_returned_units') }}
    where is_in_cohort
    group by ship_date
),

cohorts as (
    select
        ship_date,
        sum(shipped_quantity) as shipped_quantity,
        sum(returned_quantity) as returned_quantity
    from {{ ref('fct_return_cohort_ages') }}
    group by ship_date
),

compared as (
    select
        coalesce(cohorts.ship_date, shipped.ship_date) as ship_date,
        shipped.shipped_quantity,
        cohorts.shipped_quantity as cohort_shipped_quantity,
        coalesce(returned.returned_quantity, 0) as returned_quantity,
        cohorts.returned_quantity as cohort_returned_quantity
    from cohorts
    full outer join shipped
        on cohorts.ship_date = shipped.ship_date
    left outer join returned
        on shipped.ship_date = returned.ship_date
)

select * from compared
where
    shipped_quantity is null
    or cohort_shipped_quantity is null
    or shipped_quantity <> cohort_shipped_quantity
    or returned_quantity <> cohort_returned_quantity
