-- A failing row says that fct_shipments lost or doubled shipments, or told another number of them
-- to have left or arrived than the raw table.
with raw_versions as (
    select
        shipped_at,
        delivered_at,
        row_number() over (
            partition by shipment_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'shipment') }}
),

raw_totals as (
    select
        count(*) as shipment_total,
        count(shipped_at) as shipped_total,
        count(delivered_at) as delivered_total
    from raw_versions
    where version_rank = 1
),

mart_totals as (
    select
        count(*) as shipment_total,
        count(shipped_at) as shipped_total,
        count(delivered_at) as delivered_total
    from {{ ref('fct_shipments') }}
),

compared as (
    select
        raw_totals.shipment_total as raw_shipments,
        mart_totals.shipment_total as mart_shipments,
        raw_totals.shipped_total as raw_shipped,
        mart_totals.shipped_total as mart_shipped,
        raw_totals.delivered_total as raw_delivered,
        mart_totals.delivered_total as mart_delivered
    from raw_totals
    cross join mart_totals
)

select * from compared
where
    raw_shipments <> mart_shipments
    or raw_shipped <> mart_shipped
    or raw_delivered <> mart_delivered
