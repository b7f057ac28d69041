with allocations as (
    select
        allocation_id,
        order_id,
        entry_kind,
        location,
        occurred_at
    from {{ ref('stg_oms__stock_allocations') }}
),

shipments as (
    select
        shipment_id,
        order_id,
        location,
        carrier,
        delivery_method
    from {{ ref('stg_oms__shipments') }}
),

document_events as (
    select
        document_id,
        event,
        occurred_at
    from {{ ref('stg_oms__document_events') }}
    where
        document_kind = 'shipment'
        and event in ('release', 'pack', 'ship', 'ship_after_cancel', 'hand_over')
),

order_events as (
    select
        order_id,
        occurred_at,
        to_state,
        row_number() over (
            partition by order_id order by event_number desc
        ) as newest_rank
    from {{ ref('stg_oms__order_events') }}
),

ended_orders as (
    select
        order_id,
        occurred_at as ended_at
    from order_events
    where newest_rank = 1 and to_state in ('cancelled', 'closed')
),

promised_orders as (
    select
        order_id,
        min(case when entry_kind in ('allocate', 'post') then occurred_at end) as allocated_at
    from allocations
    group by order_id
),

ranked_places as (
    select
        order_id,
        location,
        row_number() over (
            partition by order_id order by allocation_id
        ) as place_rank
    from allocations
    where entry_kind in ('allocate', 'post')
),

ranked_shipments as (
    select
        order_id,
        location,
        carrier,
        delivery_method,
        row_number() over (
            partition by order_id
            order by case when carrier is null then 1 else 0 end, shipment_id
        ) as shipment_rank
    from shipments
),

parcels as (
    select
        shipments.order_id,
        min(case when document_events.event = 'release' then document_events.occurred_at end)
            as released_at,
        min(case when document_events.event = 'pack' then document_events.occurred_at end)
            as packed_at,
        min(
            case
                when document_events.event in ('ship', 'ship_after_cancel', 'hand_over')
                    then document_events.occurred_at
            end
        ) as left_at
    from document_events
    inner join shipments
        on document_events.document_id = shipments.shipment_id
    group by shipments.order_id
),

milestones as (
    select order_id
    from {{ ref('int_orders_with_milestones') }}
),

order_steps as (
    select
        milestones.order_id,
        coalesce(ranked_shipments.location, ranked_places.location) as location,
        ranked_shipments.carrier,
        ranked_shipments.delivery_method,
        promised_orders.allocated_at,
        parcels.released_at,
        parcels.packed_at,
        parcels.left_at,
        ended_orders.ended_at
    from milestones
    left outer join promised_orders
        on milestones.order_id = promised_orders.order_id
    left outer join ranked_places
        on
            milestones.order_id = ranked_places.order_id
            and ranked_places.place_rank = 1
    left outer join ranked_shipments
        on
            milestones.order_id = ranked_shipments.order_id
            and ranked_shipments.shipment_rank = 1
    left outer join parcels
        on milestones.order_id = parcels.order_id
    left outer join ended_orders
        on milestones.order_id = ended_orders.order_id
)

select * from order_steps
