{#-
    Days from the arrival of returned goods to the first refund of their return, a quantile over the lines that money
    is due for, by the business date on which they came. A line without a refund counts as longer than any other: the
    quantile is blank as long as it falls on one, never too short because the slow cases are not finished.
-#}
{% macro metric_return_days_to_refund(quantile) -%}
with {{ metric_buckets() }},

waits as (
    select
        numbered_days.bucket_date,
        lines.channel,
        lines.account,
        lines.country,
        lines.region,
        lines.category,
        lines.sku,
        lines.reason,
        coalesce(
            {{ microseconds_between('lines.received_at', 'lines.refunded_at') }} / 86400000000.0, 1000000000.0
        ) as waited_days
    from {{ ref('fct_return_request_lines') }} as lines
    inner join numbered_days
        on lines.received_date = numbered_days.calendar_date
    where lines.is_refund_due
)

select
    bucket_date,
    channel,
    account,
    country,
    region,
    category,
    sku,
    reason,
    case
        when percentile_disc({{ quantile }}) within group (order by waited_days) < 1000000000
            then percentile_disc({{ quantile }}) within group (order by waited_days)
    end as numerator,
    count(*) as sample_size
from waits
group by
    bucket_date,
    channel,
    account,
    country,
    region,
    category,
    sku,
    reason
{%- endmacro %}
