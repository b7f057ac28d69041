with returns as (
    select
        return_id,
        customer_id,
        account,
        order_external_id,
        country,
        currency,
        base_currency,
        base_rate,
        returned_at
    from {{ ref('stg_oms__returns') }}
),

return_lines as (
    select
        return_line_id,
        return_id,
        order_line_id,
        sku,
        line_kind,
        reason,
        returned_quantity,
        line_amount
    from {{ ref('stg_oms__return_lines') }}
),

orders as (
    select
        order_id,
        account,
        external_id
    from {{ ref('stg_oms__orders') }}
),

channel_accounts as (
    select
        account,
        channel
    from {{ ref('stg_oms__channel_accounts') }}
),

skus as (
    select
        sku,
        category
    from {{ ref('stg_oms__skus') }}
),

classified as (
    select
        return_lines.return_line_id,
        return_lines.return_id,
        orders.order_id,
        return_lines.order_line_id,
        cast(returns.customer_id as varchar) as customer,
        returns.account,
        channel_accounts.channel,
        returns.country,
        return_lines.sku,
        skus.category,
        return_lines.line_kind,
        return_lines.reason,
        returns.currency,
        returns.base_currency,
        returns.base_rate,
        return_lines.returned_quantity,
        return_lines.line_amount as returned_amount,
        cast(cast(return_lines.line_amount as decimal(20, 6)) * returns.base_rate as decimal(18, 6))
            as base_returned_amount,
        return_lines.line_kind not in ('write_off', 'adjustment') as is_return,
        {{ business_date('returns.returned_at') }} as return_date,
        returns.returned_at
    from return_lines
    inner join returns
        on return_lines.return_id = returns.return_id
    inner join channel_accounts
        on returns.account = channel_accounts.account
    left outer join orders
        on
            returns.account = orders.account
            and returns.order_external_id = orders.external_id
    left outer join skus
        on return_lines.sku = skus.sku
)

select * from classified
