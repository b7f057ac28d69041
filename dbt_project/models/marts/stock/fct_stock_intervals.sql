with stock_intervals as (
    select
        sku,
        location,
        condition,
        currency,
        quantity,
        unit_cost,
        stock_value,
        valid_from,
        valid_to
    from {{ ref('int_stock_valued') }}
),

skus as (
    select
        sku,
        category
    from {{ ref('dim_sku') }}
),

locations as (
    select
        location,
        valuation
    from {{ ref('dim_location') }}
),

company as (
    select base_currency
    from {{ ref('dim_company') }}
),

described as (
    select
        stock_intervals.sku,
        skus.category,
        stock_intervals.location,
        stock_intervals.condition,
        locations.valuation,
        stock_intervals.currency,
        case
            when stock_intervals.currency = company.base_currency then company.base_currency
        end as base_currency,
        stock_intervals.quantity,
        stock_intervals.unit_cost,
        stock_intervals.stock_value,
        {{ business_date('stock_intervals.valid_from') }} as valid_from_date,
        {{ business_date("stock_intervals.valid_to - interval '1 microsecond'") }} as valid_to_date,
        stock_intervals.valid_from,
        stock_intervals.valid_to
    from stock_intervals
    cross join company
    inner join locations
        on stock_intervals.location = locations.location
    left outer join skus
        on stock_intervals.sku = skus.sku
)

select * from described
