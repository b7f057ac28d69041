{#-
    CTEs that cut the asked period into buckets. Parameters at ask time: $from and $to (business dates, both
    included) and $grain ('day', 'week', 'month', or null for one bucket that is the whole period).

    `buckets`: bucket_date (first day of the bucket's day, week or month; the period's first day without a grain),
    starts_at and ends_at (UTC, excluded).
    `known_buckets`: the same clipped to the time in which stock is known, with its length in microseconds and days;
    buckets outside it are absent, so that what is not known stays blank.
-#}
{% macro metric_buckets() -%}
calendar as (
    {{ calendar_days('$from', '$to') }}
),

bucketed_days as (
    select
        calendar_date,
        case cast($grain as varchar)
            when 'day' then calendar_date
            when 'week' then cast(date_trunc('week', calendar_date) as date)
            when 'month' then cast(date_trunc('month', calendar_date) as date)
            else cast($from as date)
        end as bucket_date
    from calendar
),

buckets as (
    select
        bucket_date,
        {{ business_day_start('min(calendar_date)') }} as starts_at,
        {{ business_day_start("max(calendar_date) + interval '1 day'") }} as ends_at
    from bucketed_days
    group by bucket_date
),

clipped_buckets as (
    select
        buckets.bucket_date,
        greatest(buckets.starts_at, company.stock_known_from) as starts_at,
        least(buckets.ends_at, company.stock_known_until) as ends_at
    from buckets
    cross join {{ ref('dim_company') }} as company
    where
        buckets.starts_at < company.stock_known_until
        and buckets.ends_at > company.stock_known_from
),

known_buckets as (
    select
        bucket_date,
        starts_at,
        ends_at,
        {{ microseconds_between('starts_at', 'ends_at') }} as bucket_microseconds,
        1
        + {{ business_date("ends_at - interval '1 microsecond'") }}
        - {{ business_date('starts_at') }} as bucket_days
    from clipped_buckets
)
{%- endmacro %}

{#- Microseconds a stretch of time shares with a known bucket. -#}
{% macro overlap_microseconds(valid_from, valid_to) -%}
    {{ microseconds_between(
        'greatest(' ~ valid_from ~ ', known_buckets.starts_at)',
        'least(coalesce(' ~ valid_to ~ ', known_buckets.ends_at), known_buckets.ends_at)'
    ) }}
{%- endmacro %}
