with versions as (
    select
        receipt_line_id,
        receipt_id,
        po_line_id,
        sku,
        quantity,
        rejected_quantity,
        row_number() over (
            partition by receipt_line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'receipt_line') }}
),

newest_versions as (
    select
        receipt_line_id,
        receipt_id,
        po_line_id as purchase_order_line_id,
        sku,
        quantity as received_quantity,
        rejected_quantity
    from versions
    where version_rank = 1
)

select * from newest_versions
