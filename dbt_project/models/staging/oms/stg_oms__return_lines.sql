with versions as (
    select
        return_line_id,
        return_id,
        order_line_id,
        sku,
        line_kind,
        reason,
        quantity,
        unit_price,
        money_scale,
        line_amount,
        row_number() over (
            partition by return_line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'return_line') }}
),

newest_versions as (
    select
        return_line_id,
        return_id,
        order_line_id,
        sku,
        line_kind,
        reason,
        quantity as returned_quantity,
        {{ scaled_decimal('unit_price', 'money_scale') }} as unit_price,
        {{ scaled_decimal('line_amount', 'money_scale') }} as line_amount
    from versions
    where version_rank = 1
)

select * from newest_versions
