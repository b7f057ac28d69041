with versions as (
    select
        return_id,
        customer_id,
        account,
        external_id,
        order_external_id,
        country,
        currency,
        base_currency,
        base_rate,
        base_rate_scale,
        returned_at,
        row_number() over (
            partition by return_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'return_order') }}
),

newest_versions as (
    select
        return_id,
        customer_id,
        account,
        external_id,
        order_external_id,
        country,
        currency,
        base_currency,
        {{ scaled_rate('base_rate', 'base_rate_scale') }} as base_rate,
        {{ utc_timestamp('returned_at') }} as returned_at
    from versions
    where version_rank = 1
)

select * from newest_versions
