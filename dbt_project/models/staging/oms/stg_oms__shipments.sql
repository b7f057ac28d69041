with versions as (
    select
        shipment_id,
        order_id,
        number,
        location,
        delivery_method,
        carrier,
        state,
        shipped_at,
        delivered_at,
        row_number() over (
            partition by shipment_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'shipment') }}
),

newest_versions as (
    select
        shipment_id,
        order_id,
        number as shipment_number,
        location,
        delivery_method,
        carrier,
        state as shipment_state,
        {{ utc_timestamp('shipped_at') }} as shipped_at,
        {{ utc_timestamp('delivered_at') }} as delivered_at
    from versions
    where version_rank = 1
)

select * from newest_versions
