with shipments as (
    select
        carrier,
        transit_microseconds,
        is_under_way,
        is_due,
        is_on_time
    from {{ ref('fct_shipments') }}
    where carrier is not null and shipped_at is not null
),

carriers as (
    select
        carrier,
        count(*) as shipment_count,
        count(transit_microseconds) as delivered_count,
        sum(case when is_under_way then 1 else 0 end) as under_way_count,
        sum(case when is_due then 1 else 0 end) as due_count,
        sum(case when is_due and is_on_time then 1 else 0 end) as on_time_count,
        percentile_cont(0.5) within group (order by transit_microseconds / 86400000000.0)
            as transit_days_p50,
        percentile_cont(0.9) within group (order by transit_microseconds / 86400000000.0)
            as transit_days_p90
    from shipments
    group by carrier
),

scorecard as (
    select
        carrier,
        cast(shipment_count as bigint) as shipment_count,
        cast(delivered_count as bigint) as delivered_count,
        cast(under_way_count as bigint) as under_way_count,
        cast(due_count as bigint) as due_count,
        cast(on_time_count as bigint) as on_time_count,
        cast(transit_days_p50 as decimal(18, 6)) as transit_days_p50,
        cast(transit_days_p90 as decimal(18, 6)) as transit_days_p90,
        cast(
            cast(on_time_count as decimal(18, 6)) / nullif(due_count, 0) as decimal(18, 6)
        ) as on_time_share,
        delivered_count >= 20 as is_ranked
    from carriers
)

select * from scorecard
