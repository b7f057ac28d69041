with orders as (
    select
        order_id,
        account || '/' || external_id as order_name
    from {{ ref('stg_oms__orders') }}
    where is_fulfilled_here
),

audit_entries as (
    select
        role,
        action,
        object_kind,
        object_ref,
        command_key
    from {{ ref('stg_oms__audit_entries') }}
),

-- Goods that came or were counted are promised to whoever waits: a consequence, nobody touched the
-- order.
goods_commands as (
    select command_key
    from audit_entries
    where
        action in (
            'stock.receive',
            'stock.adjust',
            'stock.change_condition',
            'stock.decide_approval',
            'transfer.receive',
            'count.approve',
            'return.grade'
        )
    group by command_key
),

human_entries as (
    select
        audit_entries.object_ref,
        count(*) as human_event_count
    from audit_entries
    left outer join goods_commands
        on audit_entries.command_key = goods_commands.command_key
    where
        audit_entries.object_kind = 'order'
        and audit_entries.role not in ('feed_service', 'customer')
        and goods_commands.command_key is null
    group by audit_entries.object_ref
),

orders_touched as (
    select
        orders.order_id,
        cast(human_entries.human_event_count as bigint) as human_event_count
    from orders
    inner join human_entries
        on orders.order_name = human_entries.object_ref
)

select * from orders_touched
