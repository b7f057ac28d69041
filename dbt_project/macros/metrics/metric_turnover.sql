{#-
    What left against what lay there, per bucket and dimension: `shipped` is a sum over ship movements (reversals net
    out), `held` a sum of quantity or value times the microseconds it was held. Both are sums over rows, so any
    dimension may be dropped or filtered before they are added.

    shipped_column, held_column: columns of fct_stock_movements and fct_stock_intervals.
    is_money: with currencies, and counting rows that have no known cost.
    is_days: days of inventory, the inverse.
-#}
{% macro metric_turnover(shipped_column, held_column, is_money, is_days=false) -%}
with {{ metric_buckets() }},

{{ spread_intervals(
    ref('fct_stock_intervals'),
    ['location', 'category', 'sku', 'currency', 'base_currency', 'quantity', 'unit_cost', 'stock_value']
) }},

shipped as (
    select
        known_buckets.bucket_date,
        movements.location,
        movements.category,
        movements.sku,
        movements.currency,
        movements.base_currency,
        known_buckets.bucket_microseconds,
        known_buckets.bucket_days,
        -movements.{{ shipped_column }} as shipped,
        0 as held,
        case when movements.unit_cost is null then 1 else 0 end as unvalued
    from {{ ref('fct_stock_movements') }} as movements
    inner join numbered_days
        on movements.occurred_date = numbered_days.calendar_date
    inner join known_buckets
        on numbered_days.bucket_number = known_buckets.bucket_number
    where movements.movement_kind = 'ship'
),

held as (
    select
        known_buckets.bucket_date,
        intervals.location,
        intervals.category,
        intervals.sku,
        intervals.currency,
        intervals.base_currency,
        known_buckets.bucket_microseconds,
        known_buckets.bucket_days,
        0 as shipped,
        intervals.{{ held_column }}
        * {{ overlap_microseconds('intervals.valid_from', 'intervals.valid_to') }} as held,
        case when intervals.unit_cost is null and intervals.quantity <> 0 then 1 else 0 end as unvalued
    from spread_intervals as intervals
    inner join known_buckets
        on intervals.bucket_number = known_buckets.bucket_number
),

clipped_rows as (
    select * from shipped
    union all
    select * from held
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
    {%- if is_days %}
    sum(held) as numerator,
    sum(shipped) as denominator,
    max(bucket_days) as numerator_times,
    max(bucket_microseconds) as numerator_per
    {%- else %}
    sum(shipped) as numerator,
    sum(held) as denominator,
    max(bucket_microseconds) as denominator_per
    {%- endif %}
    {%- if is_money %},
    sum(unvalued) as unvalued
    {%- endif %}
from clipped_rows
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
