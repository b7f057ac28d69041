with payments as (
    select
        payment_id,
        order_id,
        customer,
        account,
        channel,
        country,
        payment_method,
        status,
        currency,
        base_currency,
        captured_amount,
        refunded_amount,
        charged_back_amount,
        base_captured_amount,
        payment_date,
        paid_at
    from {{ ref('int_payments_dated') }}
)

select * from payments
