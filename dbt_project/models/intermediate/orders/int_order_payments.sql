with orders as (
    select
        order_id,
        customer_id,
        account,
        country,
        currency,
        lifecycle,
        placed_at
    from {{ ref('stg_oms__orders') }}
),

channel_accounts as (
    select
        account,
        channel
    from {{ ref('stg_oms__channel_accounts') }}
),

line_totals as (
    select
        order_id,
        sum(line_amount - left_amount + tax_amount - left_tax) as ordered_amount
    from {{ ref('stg_oms__order_lines') }}
    group by order_id
),

payment_totals as (
    select
        order_id,
        currency,
        sum(captured_amount - refunded_amount - charged_back_amount) as paid_amount
    from {{ ref('stg_oms__payments') }}
    group by order_id, currency
),

compared as (
    select
        orders.order_id,
        cast(orders.customer_id as varchar) as customer,
        orders.account,
        channel_accounts.channel,
        orders.country,
        orders.currency,
        orders.lifecycle as status,
        cast(line_totals.ordered_amount as decimal(18, 6)) as ordered_amount,
        cast(payment_totals.paid_amount as decimal(18, 6)) as paid_amount,
        abs(line_totals.ordered_amount - payment_totals.paid_amount) > 0.01 as is_different,
        {{ business_date('orders.placed_at') }} as order_date
    from orders
    inner join channel_accounts
        on orders.account = channel_accounts.account
    inner join line_totals
        on orders.order_id = line_totals.order_id
    inner join payment_totals
        on
            orders.order_id = payment_totals.order_id
            and orders.currency = payment_totals.currency
)

select * from compared
