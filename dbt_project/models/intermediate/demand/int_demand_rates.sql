-- Demand without forecasts: what was sold while it was available, over the time it was. Sales
-- while nothing was available are left out on both sides, so that stock-outs do not pass for want
-- of demand. Planning may replace this model by another with the same columns.
with availability_runs as (
    select
        sku,
        location,
        duration_microseconds,
        is_out_of_stock,
        month_date,
        run_from,
        run_to,
        valid_from
    from {{ ref('int_availability_runs') }}
),

demand_events as (
    select
        sku,
        location,
        quantity,
        demanded_at
    from {{ ref('int_demand_events') }}
),

settings as (
    select
        minimum_available_days,
        minimum_sales,
        interval_deviations
    from {{ ref('demand_settings') }}
),

out_of_stock_runs as (
    select
        sku,
        location,
        run_from,
        run_to
    from availability_runs
    where
        is_out_of_stock
        and valid_from = run_from
),

events_while_available as (
    select
        demand_events.sku,
        demand_events.location,
        demand_events.quantity,
        cast(date_trunc('month', {{ business_date('demand_events.demanded_at') }}) as date)
            as month_date
    from demand_events
    left outer join out_of_stock_runs
        on
            demand_events.sku = out_of_stock_runs.sku
            and demand_events.location = out_of_stock_runs.location
            and demand_events.demanded_at > out_of_stock_runs.run_from
            and demand_events.demanded_at < out_of_stock_runs.run_to
    where out_of_stock_runs.run_from is null
),

months_sold as (
    select
        sku,
        location,
        month_date,
        count(*) as sales,
        sum(quantity) as units,
        sum(cast(quantity as decimal(18, 0)) * quantity) as squared_units
    from events_while_available
    group by
        sku,
        location,
        month_date
),

months_available as (
    select
        sku,
        location,
        month_date,
        cast(
            sum(case when is_out_of_stock then 0 else duration_microseconds end) as double precision
        ) / 86400000000 as days
    from availability_runs
    group by
        sku,
        location,
        month_date
),

month_cells as (
    select
        months_available.sku,
        months_available.location,
        months_available.month_date,
        months_available.days,
        cast(coalesce(months_sold.sales, 0) as double precision) as sales,
        cast(coalesce(months_sold.units, 0) as double precision) as units,
        cast(coalesce(months_sold.squared_units, 0) as double precision) as squared_units
    from months_available
    left outer join months_sold
        on
            months_available.sku = months_sold.sku
            and months_available.location = months_sold.location
            and months_available.month_date = months_sold.month_date
),

histories as (
    select
        sku,
        location,
        sum(days) as days,
        sum(sales) as sales,
        sum(units) as units,
        sum(squared_units) as squared_units,
        sum(case when days > 0 then 1 else 0 end) as months,
        sum(case when days > 0 then units * units / days end) as squared_units_per_day
    from month_cells
    group by
        sku,
        location
),

-- How much more the units sold vary than single units at random would (a variance over a mean, 1
-- or more): by the size of a sale (compound Poisson) and, from three months on, between months
-- (Pearson).
dispersions as (
    select
        sku,
        location,
        days,
        sales,
        units,
        greatest(
            1,
            case when units > 0 then squared_units / units end,
            case
                when months >= 3 and units > 0 and days > 0
                    then (squared_units_per_day * days / units - units) / (months - 1)
            end
        ) as dispersion
    from histories
),

windows as (
    select
        sku,
        location,
        month_date,
        sum(days) over (
            partition by sku, location order by month_date
            rows between 1 preceding and 1 following
        ) as days,
        sum(units) over (
            partition by sku, location order by month_date
            rows between 1 preceding and 1 following
        ) as units
    from month_cells
),

pooled as (
    select
        windows.sku,
        windows.location,
        windows.month_date,
        dispersions.dispersion,
        case
            when windows.days >= settings.minimum_available_days then 'window'
            when dispersions.days >= settings.minimum_available_days then 'history'
        end as rate_basis,
        case
            when windows.days >= settings.minimum_available_days then windows.days
            when dispersions.days >= settings.minimum_available_days then dispersions.days
        end as days,
        case
            when windows.days >= settings.minimum_available_days then windows.units
            else dispersions.units
        end as units,
        dispersions.sales < settings.minimum_sales as is_sporadic,
        cast(settings.interval_deviations as double precision) as deviations
    from windows
    inner join dispersions
        on
            windows.sku = dispersions.sku
            and windows.location = dispersions.location
    cross join settings
),

-- Byar's approximation of the exact range of a Poisson mean (Breslow and Day 1987), of units over
-- the dispersion.
ranged as (
    select
        sku,
        location,
        month_date,
        dispersion,
        rate_basis,
        is_sporadic,
        days,
        units,
        case
            when units > 0
                then
                    units * power(
                        greatest(
                            0,
                            1
                            - dispersion / (9 * units)
                            - deviations / (3 * sqrt(units / dispersion))
                        ), 3
                    )
            else 0
        end as units_low,
        dispersion * (units / dispersion + 1) * power(
            1
            - 1 / (9 * (units / dispersion + 1))
            + deviations / (3 * sqrt(units / dispersion + 1)), 3
        ) as units_high
    from pooled
),

demand_rates as (
    select
        sku,
        location,
        rate_basis,
        cast(units / days as decimal(18, 9)) as demand_rate,
        cast(units_low / days as decimal(18, 9)) as demand_rate_low,
        cast(units_high / days as decimal(18, 9)) as demand_rate_high,
        cast(dispersion as decimal(18, 6)) as dispersion,
        is_sporadic,
        month_date
    from ranged
)

select * from demand_rates
