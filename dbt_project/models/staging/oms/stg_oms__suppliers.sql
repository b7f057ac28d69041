with versions as (
    select
        supplier,
        name,
        country,
        is_active,
        row_number() over (
            partition by supplier order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'supplier') }}
),

newest_versions as (
    select
        supplier,
        name as supplier_name,
        country,
        is_active
    from versions
    where version_rank = 1
)

select * from newest_versions
