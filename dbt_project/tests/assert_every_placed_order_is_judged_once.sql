-- A failing row is an account of which fct_fulfilment_orders has other orders than were placed with
-- it, or orders due that are neither perfect nor lost to one component: a join lost or doubled
-- orders, or the components overlap.
with placed_orders as (
    select
        account,
        count(*) as order_total
    from {{ ref('stg_oms__orders') }}
    where coalesce(relation, '') not in ('split', 'merge')
    group by account
),

judged_orders as (
    select
        account,
        count(*) as order_total,
        sum(case when is_due then 1 else 0 end) as due_total,
        sum(case when loss_cause is not null then 1 else 0 end) as lost_total,
        sum(
            case
                when is_due and is_in_full and is_on_time and is_documented and is_sound then 1
                else 0
            end
        ) as perfect_total
    from {{ ref('fct_fulfilment_orders') }}
    group by account
),

compared as (
    select
        placed_orders.account as placed_account,
        judged_orders.account as judged_account,
        placed_orders.order_total as placed_orders,
        judged_orders.order_total as judged_orders,
        judged_orders.due_total,
        judged_orders.lost_total,
        judged_orders.perfect_total
    from placed_orders
    full outer join judged_orders
        on placed_orders.account = judged_orders.account
)

select * from compared
where
    placed_account is null
    or judged_account is null
    or placed_orders <> judged_orders
    or due_total <> lost_total + perfect_total
