with versions as (
    select
        shipment_line_id,
        shipment_id,
        line_id,
        quantity,
        picked_quantity,
        row_number() over (
            partition by shipment_line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'shipment_line') }}
),

newest_versions as (
    select
        shipment_line_id,
        shipment_id,
        line_id as order_line_id,
        quantity as planned_quantity,
        picked_quantity
    from versions
    where version_rank = 1
)

select * from newest_versions
