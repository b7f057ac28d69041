with versions as (
    select
        line_id,
        order_id,
        origin_order_id,
        parent_line_id,
        sku,
        line_kind,
        title,
        quantity,
        cancelled_quantity,
        moved_quantity,
        shipped_quantity,
        delivered_quantity,
        unit_price,
        money_scale,
        line_amount,
        discount_amount,
        tax_amount,
        cancelled_amount,
        cancelled_discount,
        cancelled_tax,
        moved_amount,
        moved_discount,
        moved_tax,
        fulfilled_here,
        is_bundle,
        recorded_at,
        row_number() over (
            partition by line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'order_line') }}
),

newest_versions as (
    select
        line_id as order_line_id,
        order_id,
        origin_order_id,
        parent_line_id as parent_order_line_id,
        sku,
        line_kind,
        title as line_title,
        quantity as ordered_quantity,
        cancelled_quantity,
        moved_quantity,
        shipped_quantity,
        delivered_quantity,
        {{ scaled_decimal('unit_price', 'money_scale') }} as unit_price,
        {{ scaled_decimal('line_amount', 'money_scale') }} as line_amount,
        {{ scaled_decimal('discount_amount', 'money_scale') }} as discount_amount,
        {{ scaled_decimal('coalesce(tax_amount, 0)', 'money_scale') }} as tax_amount,
        {{ scaled_decimal('cancelled_amount + moved_amount', 'money_scale') }} as left_amount,
        {{ scaled_decimal('cancelled_discount + moved_discount', 'money_scale') }} as left_discount,
        {{ scaled_decimal('cancelled_tax + moved_tax', 'money_scale') }} as left_tax,
        fulfilled_here as is_fulfilled_here,
        is_bundle,
        {{ utc_timestamp('recorded_at') }} as recorded_at
    from versions
    where version_rank = 1
)

select * from newest_versions
