with versions as (
    select
        receipt_id,
        account,
        number,
        po_id,
        location,
        received_at,
        row_number() over (
            partition by receipt_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'receipt') }}
),

newest_versions as (
    select
        receipt_id,
        account,
        number as receipt_number,
        po_id as purchase_order_id,
        location,
        {{ utc_timestamp('received_at') }} as received_at
    from versions
    where version_rank = 1
)

select * from newest_versions
