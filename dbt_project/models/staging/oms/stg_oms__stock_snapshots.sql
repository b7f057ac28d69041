with versions as (
    select
        snapshot_id,
        account,
        sku,
        location,
        condition,
        currency,
        quantity,
        unit_cost,
        cost_scale,
        observed_at,
        row_number() over (
            partition by snapshot_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'stock_snapshot') }}
),

newest_versions as (
    select
        snapshot_id as stock_snapshot_id,
        account,
        sku,
        location,
        condition,
        currency,
        quantity as observed_quantity,
        {{ scaled_decimal('unit_cost', 'cost_scale') }} as unit_cost,
        {{ utc_timestamp('observed_at') }} as observed_at
    from versions
    where version_rank = 1
)

select * from newest_versions
