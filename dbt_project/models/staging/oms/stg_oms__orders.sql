with versions as (
    select
        order_id,
        customer_id,
        parent_order_id,
        merged_into_id,
        account,
        external_id,
        country,
        ship_region,
        relation,
        currency,
        base_currency,
        lifecycle,
        delivery_method,
        base_rate,
        base_rate_scale,
        fulfilled_here,
        placed_at,
        row_number() over (
            partition by order_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'sales_order') }}
),

newest_versions as (
    select
        order_id,
        customer_id,
        parent_order_id,
        merged_into_id as merged_into_order_id,
        account,
        external_id,
        country,
        ship_region as region,
        relation,
        currency,
        base_currency,
        lifecycle,
        delivery_method,
        {{ scaled_rate('base_rate', 'base_rate_scale') }} as base_rate,
        fulfilled_here as is_fulfilled_here,
        {{ utc_timestamp('placed_at') }} as placed_at
    from versions
    where version_rank = 1
)

select * from newest_versions
