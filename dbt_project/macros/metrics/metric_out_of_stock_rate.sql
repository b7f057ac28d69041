{#- Time with nothing available over time listed, both in SKU-days of 24 hours, per bucket and dimension. -#}
{% macro metric_out_of_stock_rate() -%}
with {{ metric_buckets() }},

{{ spread_intervals(
    ref('fct_availability_intervals'), ['location', 'category', 'sku', 'is_out_of_stock']
) }},

listed as (
    select
        known_buckets.bucket_date,
        intervals.location,
        intervals.category,
        intervals.sku,
        intervals.is_out_of_stock,
        {{ overlap_microseconds('intervals.valid_from', 'intervals.valid_to') }}
            as listed_microseconds
    from spread_intervals as intervals
    inner join known_buckets
        on intervals.bucket_number = known_buckets.bucket_number
)

select
    bucket_date,
    location,
    category,
    sku,
    sum(case when is_out_of_stock then listed_microseconds else 0 end) as numerator,
    sum(listed_microseconds) as denominator,
    max(cast(86400000000 as bigint)) as numerator_per,
    max(cast(86400000000 as bigint)) as denominator_per
from listed
group by
    bucket_date,
    location,
    category,
    sku
{%- endmacro %}
