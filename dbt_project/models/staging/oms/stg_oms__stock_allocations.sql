with versions as (
    select
        allocation_id,
        order_id,
        line_id,
        decision_id,
        kind,
        sku,
        location,
        quantity,
        occurred_at,
        row_number() over (
            partition by allocation_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'stock_allocation') }}
),

newest_versions as (
    select
        allocation_id,
        order_id,
        line_id as order_line_id,
        decision_id,
        kind as entry_kind,
        sku,
        location,
        quantity as entry_quantity,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
