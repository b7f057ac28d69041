with versions as (
    select
        location,
        name,
        country,
        valuation,
        listing,
        allows_negative_stock,
        row_number() over (
            partition by location order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'location') }}
),

newest_versions as (
    select
        location,
        name as location_name,
        country,
        valuation,
        listing,
        allows_negative_stock as is_negative_stock_allowed
    from versions
    where version_rank = 1
)

select * from newest_versions
