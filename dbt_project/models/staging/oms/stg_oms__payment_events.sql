with versions as (
    select
        payment_event_id,
        payment_id,
        order_id,
        return_request_id,
        kind,
        reason,
        currency,
        base_currency,
        amount,
        base_amount,
        occurred_at,
        row_number() over (
            partition by payment_event_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'payment_event') }}
),

newest_versions as (
    select
        payment_event_id,
        payment_id,
        order_id,
        return_request_id,
        kind as event_kind,
        reason,
        currency,
        base_currency,
        {{ posted_amount('amount', 'currency') }} as event_amount,
        {{ posted_amount('base_amount', 'base_currency') }} as base_event_amount,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
