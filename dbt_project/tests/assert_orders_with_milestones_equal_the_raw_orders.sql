-- A failing row says that fct_order_milestones has other orders than the raw ones, or lost a
-- milestone.
with raw_orders as (
    select count(distinct order_id) as order_total
    from {{ source('raw_oms', 'sales_order') }}
),

raw_milestones as (
    select count(*) as milestone_total
    from {{ ref('stg_oms__order_milestones') }}
),

mart_totals as (
    select
        count(*) as order_total,
        count(approved_at) + count(shipped_at) + count(delivered_at) + count(promised_at)
            as milestone_total
    from {{ ref('fct_order_milestones') }}
),

compared as (
    select
        raw_orders.order_total as raw_orders,
        mart_totals.order_total as mart_orders,
        raw_milestones.milestone_total as raw_milestones,
        mart_totals.milestone_total as mart_milestones
    from raw_orders
    cross join raw_milestones
    cross join mart_totals
)

select * from compared
where
    raw_orders <> mart_orders
    or raw_milestones <> mart_milestones
