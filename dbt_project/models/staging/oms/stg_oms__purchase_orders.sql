with versions as (
    select
        po_id,
        account,
        number,
        supplier,
        location,
        currency,
        state,
        ordered_at,
        row_number() over (
            partition by po_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'purchase_order') }}
),

newest_versions as (
    select
        po_id as purchase_order_id,
        account,
        number as purchase_order_number,
        supplier,
        location,
        currency,
        state,
        {{ utc_timestamp('ordered_at') }} as ordered_at
    from versions
    where version_rank = 1
)

select * from newest_versions
