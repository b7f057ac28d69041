with orders as (
    select
        order_id,
        customer_id,
        merged_into_order_id,
        account,
        country,
        relation,
        currency,
        lifecycle,
        placed_at
    from {{ ref('stg_oms__orders') }}
),

milestones as (
    select
        order_id,
        max(case when milestone = 'approved' then occurred_at end) as approved_at,
        max(case when milestone = 'shipped' then occurred_at end) as shipped_at,
        max(case when milestone = 'delivered' then occurred_at end) as delivered_at,
        max(case when milestone = 'promised' then occurred_at end) as promised_at
    from {{ ref('stg_oms__order_milestones') }}
    group by order_id
),

channel_accounts as (
    select
        account,
        channel
    from {{ ref('stg_oms__channel_accounts') }}
),

orders_with_milestones as (
    select
        orders.order_id,
        cast(orders.customer_id as varchar) as customer,
        orders.account,
        channel_accounts.channel,
        orders.country,
        orders.currency,
        orders.lifecycle as status,
        (
            coalesce(orders.relation, '') not in ('split', 'merge')
            and orders.merged_into_order_id is null
        ) as is_placed,
        (
            orders.lifecycle <> 'cancelled'
            and milestones.shipped_at is not null
            and milestones.promised_at is not null
        ) as is_shipping_due,
        (
            orders.lifecycle <> 'cancelled'
            and milestones.delivered_at is not null
            and milestones.promised_at is not null
        ) as is_delivery_due,
        (
            {{ business_date('milestones.shipped_at') }}
            <= {{ business_date('milestones.promised_at') }}
        ) as is_shipped_on_time,
        (
            {{ business_date('milestones.delivered_at') }}
            <= {{ business_date('milestones.promised_at') }}
        ) as is_delivered_on_time,
        {{ business_date('orders.placed_at') }} as order_date,
        {{ business_date('milestones.shipped_at') }} as shipped_date,
        {{ business_date('milestones.delivered_at') }} as delivered_date,
        {{ business_date('milestones.promised_at') }} as promised_date,
        orders.placed_at,
        milestones.approved_at,
        milestones.shipped_at,
        milestones.delivered_at,
        milestones.promised_at
    from orders
    inner join channel_accounts
        on orders.account = channel_accounts.account
    left outer join milestones
        on orders.order_id = milestones.order_id
)

select * from orders_with_milestones
