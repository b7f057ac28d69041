with lines_cancelled as (
    select
        order_line_id,
        reason,
        cause,
        cancelled_at
    from {{ ref('int_lines_cancelled') }}
),

order_lines as (
    select
        order_line_id,
        order_id,
        account,
        channel,
        country,
        sku,
        category,
        line_kind,
        order_date
    from {{ ref('fct_order_lines') }}
),

cancelled_lines as (
    select
        lines_cancelled.order_line_id,
        order_lines.order_id,
        order_lines.account,
        order_lines.channel,
        order_lines.country,
        order_lines.sku,
        order_lines.category,
        order_lines.line_kind,
        lines_cancelled.cause,
        lines_cancelled.reason,
        order_lines.order_date,
        lines_cancelled.cancelled_at
    from lines_cancelled
    inner join order_lines
        on lines_cancelled.order_line_id = order_lines.order_line_id
)

select * from cancelled_lines
