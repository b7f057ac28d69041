{#- CTE `demand_stretches`: expected and lost demand of what was listed, cut to the known buckets. -#}
{% macro demand_stretches(columns) -%}
{{ metric_buckets() }},

{{ spread_intervals(
    ref('fct_demand_intervals'),
    ['location', 'category', 'sku', 'is_out_of_stock'] + columns
) }},

demand_stretches as (
    select
        known_buckets.bucket_date,
        intervals.location,
        intervals.category,
        intervals.sku,
        intervals.is_out_of_stock,
        {%- for column in columns %}
        intervals.{{ column }},
        {%- endfor %}
        {{ overlap_microseconds('intervals.valid_from', 'intervals.valid_to') }}
            as listed_microseconds
    from spread_intervals as intervals
    inner join known_buckets
        on intervals.bucket_number = known_buckets.bucket_number
)
{%- endmacro %}

{#- Demand expected while nothing was available over demand expected, both in units, where a rate is known. -#}
{% macro metric_out_of_stock_rate_demand() -%}
with {{ demand_stretches(['demand_rate']) }}

select
    bucket_date,
    location,
    category,
    sku,
    sum(case when is_out_of_stock then demand_rate * listed_microseconds else 0 end) as numerator,
    sum(demand_rate * listed_microseconds) as denominator,
    max(cast(86400000000 as bigint)) as numerator_per,
    max(cast(86400000000 as bigint)) as denominator_per,
    count(*) as sample_size
from demand_stretches
where demand_rate is not null
group by
    bucket_date,
    location,
    category,
    sku
{%- endmacro %}

{#- Hours listed with nothing available, summed over SKUs and locations. -#}
{% macro metric_out_of_stock_hours() -%}
with {{ demand_stretches([]) }}

select
    bucket_date,
    location,
    category,
    sku,
    sum(case when is_out_of_stock then listed_microseconds else 0 end) as numerator,
    max(cast(3600000000 as bigint)) as numerator_per,
    count(*) as sample_size
from demand_stretches
group by
    bucket_date,
    location,
    category,
    sku
{%- endmacro %}
