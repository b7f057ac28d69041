with versions as (
    select
        payment_id,
        order_id,
        account,
        method,
        currency,
        captured_amount,
        refunded_amount,
        charged_back_amount,
        row_number() over (
            partition by payment_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'payment') }}
),

newest_versions as (
    select
        payment_id,
        order_id,
        account,
        method as payment_method,
        currency,
        {{ posted_amount('captured_amount', 'currency') }} as captured_amount,
        {{ posted_amount('refunded_amount', 'currency') }} as refunded_amount,
        {{ posted_amount('charged_back_amount', 'currency') }} as charged_back_amount
    from versions
    where version_rank = 1
)

select * from newest_versions
