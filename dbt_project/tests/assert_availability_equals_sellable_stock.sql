-- A failing row is a listed SKU and location whose availability now is not its sellable stock now.
with available as (
    select
        sku,
        location,
        available_quantity
    from {{ ref('fct_availability_intervals') }}
    where valid_to is null
),

sellable as (
    select
        sku,
        location,
        quantity
    from {{ ref('fct_stock_intervals') }}
    where
        condition = 'sellable'
        and valid_to is null
),

compared as (
    select
        available.sku,
        available.location,
        available.available_quantity,
        coalesce(sellable.quantity, 0) as sellable_quantity
    from available
    left outer join sellable
        on
            available.sku = sellable.sku
            and available.location = sellable.location
)

select * from compared
where available_quantity <> sellable_quantity
