with order_payments as (
    select
        order_id,
        customer,
        account,
        channel,
        country,
        currency,
        status,
        ordered_amount,
        paid_amount,
        is_different,
        order_date
    from {{ ref('int_order_payments') }}
)

select * from order_payments
