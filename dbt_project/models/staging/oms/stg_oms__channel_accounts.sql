with versions as (
    select
        account,
        channel,
        name,
        moves_stock,
        row_number() over (
            partition by account order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'channel_account') }}
),

newest_versions as (
    select
        account,
        channel,
        name as account_name,
        moves_stock as is_stock_moving
    from versions
    where version_rank = 1
)

select * from newest_versions
