with company_settings as (
    select
        version,
        time_zone,
        base_currency
    from {{ ref('stg_oms__company_settings') }}
),

order_lines as (
    select order_date
    from {{ ref('fct_order_lines') }}
),

return_lines as (
    select return_date
    from {{ ref('fct_return_lines') }}
),

order_milestones as (
    select
        order_date,
        shipped_date,
        delivered_date
    from {{ ref('fct_order_milestones') }}
),

stock_movements as (
    select occurred_at
    from {{ ref('stg_oms__stock_movements') }}
),

stock_snapshots as (
    select observed_at
    from {{ ref('stg_oms__stock_snapshots') }}
),

newest_setting as (
    select
        time_zone,
        base_currency
    from company_settings
    where version = (select max(numbered.version) from company_settings as numbered)
),

stock_records as (
    select occurred_at as known_at
    from stock_movements
    union all
    select observed_at as known_at
    from stock_snapshots
),

stock_record_period as (
    select
        min(known_at) as first_known_at,
        {{ business_date('min(known_at)') }} as first_known_date,
        {{ business_date('max(known_at)') }} as last_known_date
    from stock_records
),

fact_dates as (
    select
        min(order_date) as first_date,
        max(order_date) as last_date
    from order_lines
    union all
    select
        min(return_date) as first_date,
        max(return_date) as last_date
    from return_lines
    union all
    select
        min(order_date) as first_date,
        greatest(max(order_date), max(shipped_date), max(delivered_date)) as last_date
    from order_milestones
    union all
    select
        first_known_date as first_date,
        last_known_date as last_date
    from stock_record_period
),

fact_period as (
    select
        min(first_date) as first_date,
        max(last_date) as last_date
    from fact_dates
),

company as (
    select
        newest_setting.time_zone as business_zone,
        newest_setting.base_currency,
        fact_period.first_date,
        fact_period.last_date,
        stock_record_period.first_known_at as stock_known_from,
        {{ business_day_start("stock_record_period.last_known_date + interval '1 day'") }}
            as stock_known_until
    from newest_setting
    cross join fact_period
    cross join stock_record_period
)

select * from company
