with versions as (
    select
        line_id,
        order_id,
        sku,
        line_kind,
        title,
        quantity,
        cancelled_quantity,
        unit_price,
        money_scale,
        line_amount,
        discount_amount,
        row_number() over (
            partition by line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'order_line') }}
),

newest_versions as (
    select
        line_id as order_line_id,
        order_id,
        sku,
        line_kind,
        title as line_title,
        quantity as ordered_quantity,
        cancelled_quantity,
        {{ scaled_decimal('unit_price', 'money_scale') }} as unit_price,
        {{ scaled_decimal('line_amount', 'money_scale') }} as line_amount,
        {{ scaled_decimal('discount_amount', 'money_scale') }} as discount_amount
    from versions
    where version_rank = 1
)

select * from newest_versions
