{#-
    The share of shipped units that comes back in the end, by the product-limit estimate (Kaplan and Meier 1958) on
    ages in whole weeks from shipping, up to 26. A unit is at risk in a week of age when it has not come back before
    and the facts reach to the end of that week: a young cohort counts for the weeks it has been watched and is cut
    off there, neither dropped nor taken for complete. The part of the units at risk that comes back in a week is
    taken from the asked cohorts where at least 30 of their units are at risk in it, else from all cohorts with the
    same dimensions; a week that no cohort has been watched through adds nothing. Blank below 30 units shipped.

    The product is spelt out week by week, so that the door may drop or filter dimensions before anything is added.
-#}
{% macro metric_return_rate_projected(weeks=26, least_units=30) -%}
with {{ metric_buckets() }},

cohort_ages as (
    select
        channel,
        account,
        country,
        category,
        ship_date,
        age_week,
        least(observed_weeks, {{ weeks }}) as observed_weeks,
        shipped_quantity,
        returned_quantity
    from {{ ref('fct_return_cohort_ages') }}
),

asked_rows as (
    select
        numbered_days.bucket_date,
        cohort_ages.channel,
        cohort_ages.account,
        cohort_ages.country,
        cohort_ages.category,
        cohort_ages.age_week,
        cohort_ages.observed_weeks,
        cohort_ages.shipped_quantity,
        cohort_ages.returned_quantity,
        1 as is_asked
    from cohort_ages
    inner join numbered_days
        on cohort_ages.ship_date = numbered_days.calendar_date
),

asked_buckets as (
    select bucket_date
    from asked_rows
    group by bucket_date
),

all_cohorts as (
    select
        channel,
        account,
        country,
        category,
        age_week,
        observed_weeks,
        sum(shipped_quantity) as shipped_quantity,
        sum(returned_quantity) as returned_quantity
    from cohort_ages
    group by
        channel,
        account,
        country,
        category,
        age_week,
        observed_weeks
),

cohort_rows as (
    select
        bucket_date,
        channel,
        account,
        country,
        category,
        age_week,
        observed_weeks,
        shipped_quantity,
        returned_quantity,
        is_asked
    from asked_rows
    union all
    select
        asked_buckets.bucket_date,
        all_cohorts.channel,
        all_cohorts.account,
        all_cohorts.country,
        all_cohorts.category,
        all_cohorts.age_week,
        all_cohorts.observed_weeks,
        all_cohorts.shipped_quantity,
        all_cohorts.returned_quantity,
        0 as is_asked
    from all_cohorts
    cross join asked_buckets
)

select
    bucket_date,
    channel,
    account,
    country,
    category,
    case
        when sum(is_asked * shipped_quantity) >= {{ least_units }}
            then 1.0 - (
                {%- for week in range(weeks) %}
                {%- if not loop.first %} * {% endif %}
                case
                    when {{ units_at_risk(week, 1) }} >= {{ least_units }}
                        then 1.0 - {{ units_back(week, 1) }} / cast({{ units_at_risk(week, 1) }} as double precision)
                    when {{ units_at_risk(week, 0) }} > 0
                        then 1.0 - {{ units_back(week, 0) }} / cast({{ units_at_risk(week, 0) }} as double precision)
                    else 1.0
                end
                {%- endfor %}
            )
    end as numerator,
    sum(is_asked * shipped_quantity) as sample_size
from cohort_rows
group by
    bucket_date,
    channel,
    account,
    country,
    category
having sum(is_asked * shipped_quantity) > 0
{%- endmacro %}

{% macro units_at_risk(week, is_asked) -%}
    sum(case when is_asked = {{ is_asked }} and observed_weeks > {{ week }} then shipped_quantity - case when age_week < {{ week }} then returned_quantity else 0 end else 0 end)
{%- endmacro %}

{% macro units_back(week, is_asked) -%}
    sum(case when is_asked = {{ is_asked }} and observed_weeks > {{ week }} and age_week = {{ week }} then returned_quantity else 0 end)
{%- endmacro %}
