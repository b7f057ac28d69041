with versions as (
    select
        sku,
        location,
        condition,
        on_hand,
        committed,
        shortage,
        row_number() over (
            partition by sku, location, condition order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'stock_balance') }}
),

newest_versions as (
    select
        sku,
        location,
        condition,
        on_hand as on_hand_quantity,
        committed as committed_quantity,
        shortage as shortage_quantity
    from versions
    where version_rank = 1
)

select * from newest_versions
