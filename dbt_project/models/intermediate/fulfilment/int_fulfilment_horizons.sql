with order_milestones as (
    select
        account,
        placed_at,
        approved_at,
        shipped_at,
        delivered_at
    from {{ ref('int_orders_with_milestones') }}
),

orders as (
    select
        account,
        is_fulfilled_here
    from {{ ref('stg_oms__orders') }}
),

order_events as (
    select occurred_at
    from {{ ref('stg_oms__order_events') }}
),

document_events as (
    select occurred_at
    from {{ ref('stg_oms__document_events') }}
),

told_by_account as (
    select
        account,
        greatest(max(placed_at), max(approved_at), max(shipped_at), max(delivered_at)) as last_at
    from order_milestones
    group by account
),

accounts as (
    select
        account,
        max(case when is_fulfilled_here then 1 else 0 end) as is_sent_from_here
    from orders
    group by account
),

last_instants as (
    select last_at from told_by_account
    union all
    select max(occurred_at) as last_at from order_events
    union all
    select max(occurred_at) as last_at from document_events
),

company as (
    select max(last_at) as last_at
    from last_instants
),

horizons as (
    select
        told_by_account.account,
        case
            when accounts.is_sent_from_here = 1 then company.last_at
            else told_by_account.last_at
        end as horizon_at
    from told_by_account
    inner join accounts
        on told_by_account.account = accounts.account
    cross join company
)

select * from horizons
