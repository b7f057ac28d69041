{#-
    What lies there at the end of each bucket: a sum of `column` of fct_stock_intervals over the stretches that
    cover the bucket's last instant, all conditions. Balances are never added over time.
-#}
{% macro metric_stock_at_end(column, is_money) -%}
with {{ metric_buckets() }},

{{ spread_intervals(
    ref('fct_stock_intervals'),
    ['location', 'category', 'sku', 'currency', 'base_currency', 'quantity', 'unit_cost', 'stock_value']
) }},

closing as (
    select
        buckets.bucket_date,
        intervals.location,
        intervals.category,
        intervals.sku,
        intervals.currency,
        intervals.base_currency,
        intervals.{{ column }} as closing_amount,
        case when intervals.unit_cost is null and intervals.quantity <> 0 then 1 else 0 end as unvalued
    from spread_intervals as intervals
    inner join buckets
        on intervals.bucket_number = buckets.bucket_number
    where coalesce(intervals.valid_to, buckets.ends_at) >= buckets.ends_at
)

select
    bucket_date,
    location,
    category,
    sku,
    {%- if is_money %}
    currency,
    base_currency,
    {%- endif %}
    sum(closing_amount) as numerator
    {%- if is_money %},
    sum(unvalued) as unvalued
    {%- endif %}
from closing
group by
    bucket_date,
    location,
    category,
    sku
    {%- if is_money %},
    currency,
    base_currency
    {%- endif %}
{%- endmacro %}
