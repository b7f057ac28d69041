with versions as (
    select
        po_line_id,
        po_id,
        sku,
        quantity,
        cancelled_quantity,
        received_quantity,
        rejected_quantity,
        unit_price,
        price_scale,
        expected_at,
        row_number() over (
            partition by po_line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'purchase_order_line') }}
),

newest_versions as (
    select
        po_line_id as purchase_order_line_id,
        po_id as purchase_order_id,
        sku,
        quantity as ordered_quantity,
        cancelled_quantity,
        received_quantity,
        rejected_quantity,
        {{ scaled_decimal('unit_price', 'price_scale') }} as unit_price,
        {{ utc_timestamp('expected_at') }} as expected_at
    from versions
    where version_rank = 1
)

select * from newest_versions
