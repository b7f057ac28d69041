with availability_runs as (
    select
        sku,
        location,
        is_out_of_stock,
        month_date,
        valid_from,
        valid_to
    from {{ ref('int_availability_runs') }}
),

demand_rates as (
    select
        sku,
        location,
        rate_basis,
        demand_rate,
        demand_rate_low,
        demand_rate_high,
        is_sporadic,
        month_date
    from {{ ref('int_demand_rates') }}
),

settings as (
    select
        recapture_low,
        recapture,
        recapture_high
    from {{ ref('demand_settings') }}
),

skus as (
    select
        sku,
        category
    from {{ ref('dim_sku') }}
),

unit_margins as (
    select
        sku,
        currency,
        base_currency,
        unit_margin
    from {{ ref('int_sku_unit_margins') }}
),

rated as (
    select
        runs.sku,
        skus.category,
        runs.location,
        rates.rate_basis,
        margins.currency,
        margins.base_currency,
        rates.demand_rate,
        rates.demand_rate_low,
        rates.demand_rate_high,
        margins.unit_margin,
        runs.is_out_of_stock,
        rates.is_sporadic,
        rates.demand_rate is not null and not rates.is_sporadic as is_judged,
        runs.valid_from,
        runs.valid_to
    from availability_runs as runs
    left outer join demand_rates as rates
        on
            runs.sku = rates.sku
            and runs.location = rates.location
            and runs.month_date = rates.month_date
    left outer join skus
        on runs.sku = skus.sku
    left outer join unit_margins as margins
        on runs.sku = margins.sku
),

lost as (
    select
        rated.sku,
        rated.category,
        rated.location,
        rated.rate_basis,
        rated.currency,
        rated.base_currency,
        rated.demand_rate,
        rated.demand_rate_low,
        rated.demand_rate_high,
        case
            when rated.is_judged and rated.is_out_of_stock
                then cast(rated.demand_rate * (1 - settings.recapture) as decimal(18, 9))
            when rated.is_judged then cast(0 as decimal(18, 9))
        end as lost_rate,
        case
            when rated.is_judged and rated.is_out_of_stock
                then cast(rated.demand_rate_low * (1 - settings.recapture_high) as decimal(18, 9))
            when rated.is_judged then cast(0 as decimal(18, 9))
        end as lost_rate_low,
        case
            when rated.is_judged and rated.is_out_of_stock
                then cast(rated.demand_rate_high * (1 - settings.recapture_low) as decimal(18, 9))
            when rated.is_judged then cast(0 as decimal(18, 9))
        end as lost_rate_high,
        rated.unit_margin,
        rated.is_out_of_stock,
        rated.is_sporadic,
        rated.valid_from,
        rated.valid_to
    from rated
    cross join settings
),

demand_intervals as (
    select
        sku,
        category,
        location,
        rate_basis,
        currency,
        base_currency,
        demand_rate,
        demand_rate_low,
        demand_rate_high,
        lost_rate,
        lost_rate_low,
        lost_rate_high,
        unit_margin,
        cast(cast(lost_rate as double precision) * unit_margin as decimal(18, 6))
            as lost_margin_rate,
        cast(cast(lost_rate_low as double precision) * unit_margin as decimal(18, 6))
            as lost_margin_rate_low,
        cast(cast(lost_rate_high as double precision) * unit_margin as decimal(18, 6))
            as lost_margin_rate_high,
        is_out_of_stock,
        is_sporadic,
        {{ business_date('valid_from') }} as valid_from_date,
        {{ business_date("valid_to - interval '1 microsecond'") }} as valid_to_date,
        valid_from,
        valid_to
    from lost
)

select * from demand_intervals
