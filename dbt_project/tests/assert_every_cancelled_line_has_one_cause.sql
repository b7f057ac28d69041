-- A failing row is an account whose wholly cancelled ordered lines in fct_order_lines are not those
-- that fct_cancelled_lines gives a cause: rates by cause would not add up to the rate.
with cancelled_lines as (
    select
        account,
        count(*) as line_total
    from {{ ref('fct_order_lines') }}
    where is_ordered and is_cancelled
    group by account
),

lines_with_cause as (
    select
        account,
        count(cause) as line_total
    from {{ ref('fct_cancelled_lines') }}
    group by account
),

compared as (
    select
        cancelled_lines.account as cancelled_account,
        lines_with_cause.account as told_account,
        cancelled_lines.line_total as cancelled_lines,
        lines_with_cause.line_total as lines_with_cause
    from cancelled_lines
    full outer join lines_with_cause
        on cancelled_lines.account = lines_with_cause.account
)

select * from compared
where
    cancelled_account is null
    or told_account is null
    or cancelled_lines <> lines_with_cause
