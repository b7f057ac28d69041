with payments as (
    select
        payment_id,
        order_id,
        account,
        payment_method,
        currency,
        captured_amount,
        refunded_amount,
        charged_back_amount
    from {{ ref('stg_oms__payments') }}
),

captures as (
    select
        payment_id,
        min(occurred_at) as paid_at,
        case
            when min(base_currency) = max(base_currency) then min(base_currency)
        end as base_currency,
        case
            when count(*) = count(base_event_amount) then sum(base_event_amount)
        end as base_captured_amount
    from {{ ref('stg_oms__payment_events') }}
    where event_kind = 'capture'
    group by payment_id
),

orders as (
    select
        order_id,
        customer_id,
        country,
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

dated as (
    select
        payments.payment_id,
        payments.order_id,
        cast(orders.customer_id as varchar) as customer,
        payments.account,
        channel_accounts.channel,
        orders.country,
        payments.payment_method,
        orders.lifecycle as status,
        payments.currency,
        captures.base_currency,
        payments.captured_amount,
        payments.refunded_amount,
        payments.charged_back_amount,
        cast(captures.base_captured_amount as decimal(18, 6)) as base_captured_amount,
        {{ business_date('coalesce(captures.paid_at, orders.placed_at)') }} as payment_date,
        coalesce(captures.paid_at, orders.placed_at) as paid_at
    from payments
    inner join orders
        on payments.order_id = orders.order_id
    inner join channel_accounts
        on payments.account = channel_accounts.account
    left outer join captures
        on payments.payment_id = captures.payment_id
)

select * from dated
