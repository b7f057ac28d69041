{#-
    Units shipped over what there was to sell, per bucket and dimension, all conditions; reversals net out. What lay
    there at the start is what lies there at the end less all that came and went in between, openings apart: an
    opening tells what lay there before. Everything is a sum over rows, so any dimension may be dropped.

    per: what the shipped units are divided by, one of start_and_received, received, start, left_and_sold.
-#}
{% macro metric_margin_sell_through(per) -%}
with {{ metric_buckets() }},

{{ spread_intervals(ref('fct_stock_intervals'), ['location', 'category', 'sku', 'quantity']) }},

moved as (
    select
        known_buckets.bucket_date,
        movements.location,
        movements.category,
        movements.sku,
        case when movements.movement_kind = 'ship' then -movements.quantity else 0 end as shipped,
        case when movements.movement_kind = 'receive' then movements.quantity else 0 end as received,
        case when movements.movement_kind = 'opening' then 0 else movements.quantity end as change,
        0 as closing,
        1 as is_movement
    from {{ ref('fct_stock_movements') }} as movements
    inner join numbered_days
        on movements.occurred_date = numbered_days.calendar_date
    inner join known_buckets
        on numbered_days.bucket_number = known_buckets.bucket_number
),

left_over as (
    select
        known_buckets.bucket_date,
        intervals.location,
        intervals.category,
        intervals.sku,
        0 as shipped,
        0 as received,
        0 as change,
        intervals.quantity as closing,
        0 as is_movement
    from spread_intervals as intervals
    inner join known_buckets
        on intervals.bucket_number = known_buckets.bucket_number
    where coalesce(intervals.valid_to, known_buckets.ends_at) >= known_buckets.ends_at
),

clipped_rows as (
    select * from moved
    union all
    select * from left_over
)

select
    bucket_date,
    location,
    category,
    sku,
    sum(shipped) as numerator,
    {%- if per == 'start_and_received' %}
    sum(closing) - sum(change) + sum(received) as denominator,
    {%- elif per == 'received' %}
    sum(received) as denominator,
    {%- elif per == 'start' %}
    sum(closing) - sum(change) as denominator,
    {%- else %}
    sum(closing) + sum(shipped) as denominator,
    {%- endif %}
    sum(is_movement) as sample_size
from clipped_rows
group by
    bucket_date,
    location,
    category,
    sku
{%- endmacro %}
