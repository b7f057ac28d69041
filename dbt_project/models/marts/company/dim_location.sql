with locations as (
    select
        location,
        location_name,
        country,
        valuation,
        is_negative_stock_allowed
    from {{ ref('stg_oms__locations') }}
)

select * from locations
