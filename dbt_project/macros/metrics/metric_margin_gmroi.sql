{#-
    Gross margin after returns over the time-weighted value of stock, per bucket and dimension. Margin is that of
    goods sold by order date less that of goods returned by return date, within the time in which stock is known, in
    the base currency where the document has a rate, else in its own. Averaging is that of turnover. Lines and stock
    without a known unit cost are in neither side and are counted as unvalued.
-#}
{% macro metric_margin_gmroi() -%}
with {{ metric_buckets() }},

{{ spread_intervals(
    ref('fct_stock_intervals'),
    ['category', 'sku', 'currency', 'base_currency', 'quantity', 'unit_cost', 'stock_value']
) }},

sold as (
    select
        known_buckets.bucket_date,
        lines.category,
        lines.sku,
        coalesce(lines.base_currency, lines.currency) as currency,
        lines.base_currency,
        known_buckets.bucket_microseconds,
        case
            when lines.base_currency is null then lines.kept_amount - lines.cost_amount
            else lines.base_kept_amount - lines.base_cost_amount
        end as margin,
        cast(null as decimal(38, 6)) as held,
        case when lines.is_costed then 0 else 1 end as unvalued
    from {{ ref('fct_order_lines') }} as lines
    inner join numbered_days
        on lines.order_date = numbered_days.calendar_date
    inner join known_buckets
        on numbered_days.bucket_number = known_buckets.bucket_number
    where
        lines.is_sale
        and lines.line_kind = 'item'
        and lines.placed_at >= known_buckets.starts_at
        and lines.placed_at < known_buckets.ends_at
),

taken_back as (
    select
        known_buckets.bucket_date,
        lines.category,
        lines.sku,
        coalesce(lines.base_currency, lines.currency) as currency,
        lines.base_currency,
        known_buckets.bucket_microseconds,
        case
            when lines.base_currency is null
                then lines.returned_cost_amount - lines.returned_amount
            else lines.base_returned_cost_amount - lines.base_returned_amount
        end as margin,
        cast(null as decimal(38, 6)) as held,
        case when lines.is_costed then 0 else 1 end as unvalued
    from {{ ref('fct_return_lines') }} as lines
    inner join numbered_days
        on lines.return_date = numbered_days.calendar_date
    inner join known_buckets
        on numbered_days.bucket_number = known_buckets.bucket_number
    where
        lines.is_return
        and lines.line_kind = 'item'
        and lines.returned_at >= known_buckets.starts_at
        and lines.returned_at < known_buckets.ends_at
),

held as (
    select
        known_buckets.bucket_date,
        intervals.category,
        intervals.sku,
        intervals.currency,
        intervals.base_currency,
        known_buckets.bucket_microseconds,
        cast(null as decimal(38, 6)) as margin,
        intervals.stock_value
        * {{ overlap_microseconds('intervals.valid_from', 'intervals.valid_to') }} as held,
        case when intervals.unit_cost is null and intervals.quantity <> 0 then 1 else 0 end as unvalued
    from spread_intervals as intervals
    inner join known_buckets
        on intervals.bucket_number = known_buckets.bucket_number
),

clipped_rows as (
    select * from sold
    union all
    select * from taken_back
    union all
    select * from held
)

select
    bucket_date,
    category,
    sku,
    currency,
    base_currency,
    sum(margin) as numerator,
    sum(held) as denominator,
    max(bucket_microseconds) as denominator_per,
    sum(unvalued) as unvalued,
    count(*) as sample_size
from clipped_rows
group by
    bucket_date,
    category,
    sku,
    currency,
    base_currency
{%- endmacro %}
