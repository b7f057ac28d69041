-- A failing row is a currency whose lines, units or amounts in fct_order_lines are not those of
-- the raw lines: a join lost or doubled lines, or an amount was rounded. Raw amounts are compared
-- as integers at six digits.
with raw_lines as (
    select
        order_id,
        quantity,
        cancelled_quantity,
        cast(line_amount as decimal(38, 0)) * cast(power(10, 6 - money_scale) as bigint)
            as line_amount_micros,
        row_number() over (
            partition by line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'order_line') }}
),

raw_orders as (
    select
        order_id,
        currency,
        row_number() over (
            partition by order_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'sales_order') }}
),

raw_totals as (
    select
        raw_orders.currency,
        count(*) as line_total,
        sum(raw_lines.quantity) as unit_total,
        sum(raw_lines.cancelled_quantity) as cancelled_total,
        sum(raw_lines.line_amount_micros) as amount_total
    from raw_lines
    left outer join raw_orders
        on
            raw_lines.order_id = raw_orders.order_id
            and raw_orders.version_rank = 1
    where raw_lines.version_rank = 1
    group by raw_orders.currency
),

mart_totals as (
    select
        currency,
        count(*) as line_total,
        sum(ordered_quantity) as unit_total,
        sum(cancelled_quantity) as cancelled_total,
        sum(line_amount) * 1000000 as amount_total
    from {{ ref('fct_order_lines') }}
    group by currency
),

compared as (
    select
        raw_totals.currency as raw_currency,
        mart_totals.currency as mart_currency,
        raw_totals.line_total as raw_lines,
        mart_totals.line_total as mart_lines,
        raw_totals.unit_total as raw_units,
        mart_totals.unit_total as mart_units,
        raw_totals.cancelled_total as raw_cancelled_units,
        mart_totals.cancelled_total as mart_cancelled_units,
        raw_totals.amount_total as raw_amount_micros,
        mart_totals.amount_total as mart_amount_micros
    from raw_totals
    full outer join mart_totals
        on raw_totals.currency = mart_totals.currency
)

select * from compared
where
    raw_currency is null
    or mart_currency is null
    or raw_lines <> mart_lines
    or raw_units <> mart_units
    or raw_cancelled_units <> mart_cancelled_units
    or raw_amount_micros <> mart_amount_micros
