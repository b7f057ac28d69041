{#-
    Demand missed while nothing was available, less what buyers take later or instead: a rate per day times the time
    out. `rate_column`: lost_rate, lost_rate_low or lost_rate_high of fct_demand_intervals.
-#}
{% macro metric_lost_sales_units(rate_column) -%}
with {{ demand_stretches([rate_column]) }}

select
    bucket_date,
    location,
    category,
    sku,
    sum({{ rate_column }} * listed_microseconds) as numerator,
    max(cast(86400000000 as bigint)) as numerator_per,
    count(*) as sample_size
from demand_stretches
where {{ rate_column }} is not null
group by
    bucket_date,
    location,
    category,
    sku
{%- endmacro %}

{#- The same at the SKU's margin. `unvalued` counts stretches with lost units of unknown margin. -#}
{% macro metric_lost_sales(rate_column, margin_column) -%}
with {{ demand_stretches([rate_column, margin_column, 'currency', 'base_currency']) }}

select
    bucket_date,
    location,
    category,
    sku,
    currency,
    base_currency,
    sum({{ margin_column }} * listed_microseconds) as numerator,
    max(cast(86400000000 as bigint)) as numerator_per,
    sum(case when {{ margin_column }} is null and {{ rate_column }} > 0 then 1 else 0 end) as unvalued,
    count(*) as sample_size
from demand_stretches
where {{ rate_column }} is not null
group by
    bucket_date,
    location,
    category,
    sku,
    currency,
    base_currency
{%- endmacro %}
