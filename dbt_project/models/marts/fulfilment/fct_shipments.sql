with shipments as (
    select
        shipment_id,
        order_id,
        shipment_number,
        location,
        delivery_method,
        carrier,
        shipment_state,
        shipped_at,
        delivered_at
    from {{ ref('stg_oms__shipments') }}
),

order_milestones as (
    select
        order_id,
        account,
        channel,
        country,
        promised_date
    from {{ ref('fct_order_milestones') }}
),

horizons as (
    select
        account,
        horizon_at
    from {{ ref('int_fulfilment_horizons') }}
),

judged_shipments as (
    select
        shipments.shipment_id,
        shipments.order_id,
        shipments.shipment_number,
        order_milestones.account,
        order_milestones.channel,
        order_milestones.country,
        shipments.location,
        shipments.delivery_method,
        shipments.carrier,
        shipments.shipment_state,
        {{ microseconds_between('shipments.shipped_at', 'shipments.delivered_at') }}
            as transit_microseconds,
        (
            shipments.shipped_at is not null
            and shipments.delivered_at is null
            and shipments.shipment_state in ('shipped', 'in_transit', 'out_for_delivery', 'failed')
        ) as is_under_way,
        coalesce(
            shipments.shipped_at is not null
            and order_milestones.promised_date < {{ business_date('horizons.horizon_at') }},
            false
        ) as is_due,
        coalesce(
            {{ business_date('shipments.delivered_at') }} <= order_milestones.promised_date, false
        ) as is_on_time,
        {{ business_date('shipments.shipped_at') }} as shipped_date,
        order_milestones.promised_date,
        shipments.shipped_at,
        shipments.delivered_at
    from shipments
    inner join order_milestones
        on shipments.order_id = order_milestones.order_id
    inner join horizons
        on order_milestones.account = horizons.account
)

select * from judged_shipments
