with order_lines as (
    select
        order_line_id,
        order_id,
        is_ordered,
        is_cancelled
    from {{ ref('int_order_lines_classified') }}
    where is_ordered and is_cancelled
),

units_cancelled as (
    select
        line_entry_id,
        order_line_id,
        order_id,
        reason,
        cause,
        cancelled_quantity,
        occurred_at
    from {{ ref('int_units_cancelled') }}
),

ranked_entries as (
    select
        order_line_id,
        reason,
        cause,
        occurred_at,
        row_number() over (
            partition by order_line_id order by cancelled_quantity desc, line_entry_id desc
        ) as share_rank
    from units_cancelled
    where order_line_id is not null
),

whole_orders as (
    select
        order_id,
        reason,
        cause,
        occurred_at
    from units_cancelled
    where order_line_id is null
),

lines_cancelled as (
    select
        order_lines.order_line_id,
        coalesce(ranked_entries.reason, whole_orders.reason) as reason,
        case
            when ranked_entries.cause is null then coalesce(whole_orders.cause, 'unknown')
            when ranked_entries.cause = 'unknown' then coalesce(whole_orders.cause, 'unknown')
            else ranked_entries.cause
        end as cause,
        coalesce(ranked_entries.occurred_at, whole_orders.occurred_at) as cancelled_at
    from order_lines
    left outer join ranked_entries
        on
            order_lines.order_line_id = ranked_entries.order_line_id
            and ranked_entries.share_rank = 1
    left outer join whole_orders
        on order_lines.order_id = whole_orders.order_id
)

select * from lines_cancelled
