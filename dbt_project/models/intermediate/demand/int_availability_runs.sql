{{ config(materialized='table') }}

with availability_intervals as (
    select
        sku,
        location,
        is_out_of_stock,
        valid_from,
        valid_to
    from {{ ref('int_availability_intervals') }}
),

stock_movements as (
    select occurred_at
    from {{ ref('stg_oms__stock_movements') }}
),

stock_snapshots as (
    select observed_at
    from {{ ref('stg_oms__stock_snapshots') }}
),

last_records as (
    select max(occurred_at) as known_at
    from stock_movements
    union all
    select max(observed_at) as known_at
    from stock_snapshots
),

-- The end of the last day with a stock record: what comes after is unknown.
known_period as (
    select
        {{ business_day_start(business_date('max(known_at)') ~ " + interval '1 day'") }}
            as known_until
    from last_records
),

clipped_intervals as (
    select
        availability_intervals.sku,
        availability_intervals.location,
        availability_intervals.is_out_of_stock,
        availability_intervals.valid_from,
        least(
            coalesce(availability_intervals.valid_to, known_period.known_until),
            known_period.known_until
        ) as valid_to
    from availability_intervals
    cross join known_period
    where availability_intervals.valid_from < known_period.known_until
),

intervals_with_neighbours as (
    select
        sku,
        location,
        is_out_of_stock,
        valid_from,
        lag(is_out_of_stock) over (
            partition by sku, location order by valid_from
        ) as was_out_of_stock,
        lag(valid_to) over (
            partition by sku, location order by valid_from
        ) as previous_to,
        max(valid_to) over (partition by sku, location) as listed_until
    from clipped_intervals
),

run_starts as (
    select
        sku,
        location,
        is_out_of_stock,
        valid_from as run_from,
        previous_to,
        listed_until
    from intervals_with_neighbours
    where
        was_out_of_stock is null
        or was_out_of_stock <> is_out_of_stock
        or previous_to <> valid_from
),

runs as (
    select
        sku,
        location,
        is_out_of_stock,
        run_from,
        coalesce(
            lead(previous_to) over (partition by sku, location order by run_from), listed_until
        ) as run_to
    from run_starts
),

run_months as (
    select
        sku,
        location,
        is_out_of_stock,
        run_from,
        run_to,
        cast(date_trunc('month', {{ business_date('run_from') }}) as date) as first_month,
        cast(date_trunc('month', {{ business_date("run_to - interval '1 microsecond'") }}) as date)
            as last_month
    from runs
),

numbered_run_months as (
    select
        sku,
        location,
        is_out_of_stock,
        run_from,
        run_to,
        first_month,
        {{ each_number(
            '0',
            "cast(12 * (extract(year from last_month) - extract(year from first_month))"
            ~ " + extract(month from last_month) - extract(month from first_month) as bigint)"
        ) }} as month_number
    from run_months
),

dated_run_months as (
    select
        sku,
        location,
        is_out_of_stock,
        run_from,
        run_to,
        cast(first_month + month_number * interval '1 month' as date) as month_date,
        cast(first_month + (month_number + 1) * interval '1 month' as date) as next_month_date
    from numbered_run_months
),

runs_by_month as (
    select
        sku,
        location,
        is_out_of_stock,
        month_date,
        run_from,
        run_to,
        greatest(run_from, {{ business_day_start('month_date') }}) as valid_from,
        least(run_to, {{ business_day_start('next_month_date') }}) as valid_to
    from dated_run_months
),

availability_runs as (
    select
        sku,
        location,
        {{ microseconds_between('valid_from', 'valid_to') }} as duration_microseconds,
        is_out_of_stock,
        month_date,
        run_from,
        run_to,
        valid_from,
        valid_to
    from runs_by_month
)

select * from availability_runs
