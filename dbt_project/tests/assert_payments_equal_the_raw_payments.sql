-- A failing row is a currency whose payments or captured minor units in fct_payments are not those
-- of the raw payments: a join lost or doubled payments, or an amount was scaled wrongly.
with raw_payments as (
    select
        currency,
        captured_amount,
        row_number() over (
            partition by payment_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'payment') }}
),

raw_totals as (
    select
        currency,
        count(*) as payment_total,
        sum({{ posted_amount('captured_amount', 'currency') }}) as amount_total
    from raw_payments
    where version_rank = 1
    group by currency
),

mart_totals as (
    select
        currency,
        count(*) as payment_total,
        sum(captured_amount) as amount_total
    from {{ ref('fct_payments') }}
    group by currency
),

compared as (
    select
        raw_totals.currency as raw_currency,
        mart_totals.currency as mart_currency,
        raw_totals.payment_total as raw_payments,
        mart_totals.payment_total as mart_payments,
        raw_totals.amount_total as raw_amount,
        mart_totals.amount_total as mart_amount
    from raw_totals
    full outer join mart_totals
        on raw_totals.currency = mart_totals.currency
)

select * from compared
where
    raw_currency is null
    or mart_currency is null
    or raw_payments <> mart_payments
    or raw_amount <> mart_amount
