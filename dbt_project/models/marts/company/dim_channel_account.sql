with channel_accounts as (
    select
        account,
        channel,
        account_name,
        is_stock_moving
    from {{ ref('stg_oms__channel_accounts') }}
)

select * from channel_accounts
