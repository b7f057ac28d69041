with order_errors as (
    select
        order_id,
        placed_order_id,
        cause,
        evidence_kind,
        evidence_key,
        account,
        reason,
        found_date,
        found_at
    from {{ ref('int_order_errors') }}
)

select * from order_errors
