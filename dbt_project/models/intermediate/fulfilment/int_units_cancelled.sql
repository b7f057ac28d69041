with line_entries as (
    select
        line_entry_id,
        order_line_id,
        order_id,
        reason,
        entry_quantity,
        change_number,
        occurred_at
    from {{ ref('stg_oms__line_entries') }}
    where entry_kind = 'cancel' and entry_quantity > 0
),

order_events as (
    select
        order_id,
        reason,
        change_number,
        occurred_at,
        row_number() over (
            partition by order_id order by event_number desc
        ) as newest_rank
    from {{ ref('stg_oms__order_events') }}
    where event = 'cancel'
),

order_holds as (
    select order_id
    from {{ ref('stg_oms__order_holds') }}
    where hold_kind in ('fraud', 'blocklist')
    group by order_id
),

audit_entries as (
    select
        change_number,
        max(role) as role
    from {{ ref('stg_oms__audit_entries') }}
    group by change_number
),

order_lines as (
    select
        order_line_id,
        order_id,
        origin_order_id
    from {{ ref('stg_oms__order_lines') }}
),

cancelled_orders as (
    select
        order_id,
        reason,
        change_number,
        occurred_at
    from order_events
    where newest_rank = 1
),

cancellations as (
    select
        line_entries.order_line_id,
        line_entries.order_id,
        line_entries.reason,
        line_entries.entry_quantity as cancelled_quantity,
        line_entries.change_number,
        line_entries.occurred_at,
        line_entries.line_entry_id
    from line_entries
    union all
    select
        cast(null as bigint) as order_line_id,
        cancelled_orders.order_id,
        cancelled_orders.reason,
        cast(0 as bigint) as cancelled_quantity,
        cancelled_orders.change_number,
        cancelled_orders.occurred_at,
        cast(null as bigint) as line_entry_id
    from cancelled_orders
),

units_cancelled as (
    select
        cancellations.line_entry_id,
        cancellations.order_line_id,
        cancellations.order_id,
        coalesce(order_lines.origin_order_id, cancellations.order_id) as placed_order_id,
        cancellations.reason,
        {{ cancellation_cause(
            'cancellations.reason', 'audit_entries.role', 'order_holds.order_id is not null'
        ) }} as cause,
        cancellations.cancelled_quantity,
        cancellations.occurred_at
    from cancellations
    left outer join order_lines
        on cancellations.order_line_id = order_lines.order_line_id
    left outer join audit_entries
        on cancellations.change_number = audit_entries.change_number
    left outer join order_holds
        on cancellations.order_id = order_holds.order_id
)

select * from units_cancelled
