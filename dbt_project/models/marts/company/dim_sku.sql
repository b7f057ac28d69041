with skus as (
    select
        sku,
        sku_title,
        category
    from {{ ref('stg_oms__skus') }}
)

select * from skus
