with versions as (
    select
        sku,
        location,
        currency,
        unit_cost,
        cost_scale,
        valid_from,
        row_number() over (
            partition by sku, location, valid_from order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'unit_cost') }}
),

newest_versions as (
    select
        sku,
        location,
        currency,
        {{ scaled_decimal('unit_cost', 'cost_scale') }} as unit_cost,
        {{ utc_timestamp('valid_from') }} as valid_from
    from versions
    where version_rank = 1
)

select * from newest_versions
