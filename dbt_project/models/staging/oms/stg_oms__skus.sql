with versions as (
    select
        sku,
        title,
        category,
        row_number() over (
            partition by sku order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'sku') }}
),

newest_versions as (
    select
        sku,
        title as sku_title,
        category
    from versions
    where version_rank = 1
)

select * from newest_versions
