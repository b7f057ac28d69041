with availability_intervals as (
    select
        sku,
        location,
        available_quantity,
        is_out_of_stock,
        valid_from,
        valid_to
    from {{ ref('int_availability_intervals') }}
),

skus as (
    select
        sku,
        category
    from {{ ref('dim_sku') }}
),

described as (
    select
        availability_intervals.sku,
        skus.category,
        availability_intervals.location,
        availability_intervals.available_quantity,
        availability_intervals.is_out_of_stock,
        {{ business_date('availability_intervals.valid_from') }} as valid_from_date,
        {{ business_date("availability_intervals.valid_to - interval '1 microsecond'") }}
            as valid_to_date,
        availability_intervals.valid_from,
        availability_intervals.valid_to
    from availability_intervals
    left outer join skus
        on availability_intervals.sku = skus.sku
)

select * from described
