{#-
    A rate that is told by cause: what has a cause over everything that could have one. Asked by cause, the rates of
    all causes have the same denominator and add up; so the whole is there once for each cause, and divided by how many
    of them a row of the answer holds. Where cause is filtered or not asked, the same division keeps it whole.
-#}
{% macro whole_by_cause(relation, columns, causes) -%}
causes as (
    {{ word_rows(causes, 'cause') }}
),

whole_rows as (
    select
        {%- for column in columns %}
        {{ relation }}.{{ column }},
        {%- endfor %}
        causes.cause,
        causes.cause as whole_cause,
        {{ relation }}.row_count as whole_count
    from {{ relation }}
    cross join causes
)
{%- endmacro %}

{% macro whole_count() -%}
    cast(sum(whole_count) / nullif(count(distinct whole_cause), 0) as bigint)
{%- endmacro %}

{% macro metric_cancellation_rate() -%}
{%- set columns = ['bucket_date', 'channel', 'account', 'country', 'category', 'sku', 'line_kind'] -%}
with {{ metric_buckets() }},

ordered as (
    select
        numbered_days.bucket_date,
        order_lines.channel,
        order_lines.account,
        order_lines.country,
        order_lines.category,
        order_lines.sku,
        order_lines.line_kind,
        count(*) as row_count
    from {{ ref('fct_order_lines') }} as order_lines
    inner join numbered_days
        on order_lines.order_date = numbered_days.calendar_date
    where order_lines.is_ordered
    group by
        numbered_days.bucket_date,
        order_lines.channel,
        order_lines.account,
        order_lines.country,
        order_lines.category,
        order_lines.sku,
        order_lines.line_kind
),

{{ whole_by_cause('ordered', columns, cancellation_causes()) }},

lines as (
    select
        {{ columns | join(', ') }},
        cause,
        whole_cause,
        whole_count,
        0 as cancelled_count
    from whole_rows
    union all
    select
        numbered_days.bucket_date,
        cancelled_lines.channel,
        cancelled_lines.account,
        cancelled_lines.country,
        cancelled_lines.category,
        cancelled_lines.sku,
        cancelled_lines.line_kind,
        cancelled_lines.cause,
        null as whole_cause,
        0 as whole_count,
        1 as cancelled_count
    from {{ ref('fct_cancelled_lines') }} as cancelled_lines
    inner join numbered_days
        on cancelled_lines.order_date = numbered_days.calendar_date
)

select
    bucket_date,
    channel,
    account,
    country,
    category,
    sku,
    line_kind,
    cause,
    sum(cancelled_count) as numerator,
    {{ whole_count() }} as denominator,
    {{ whole_count() }} as sample_size
from lines
group by
    bucket_date,
    channel,
    account,
    country,
    category,
    sku,
    line_kind,
    cause
{%- endmacro %}

{% macro metric_order_error_rate() -%}
{%- set columns = ['bucket_date', 'channel', 'account', 'country', 'location', 'carrier', 'delivery_method'] -%}
with {{ metric_buckets() }},

shipped_orders as (
    select
        numbered_days.bucket_date,
        orders.order_id,
        orders.channel,
        orders.account,
        orders.country,
        orders.location,
        orders.carrier,
        orders.delivery_method
    from {{ ref('fct_fulfilment_orders') }} as orders
    inner join numbered_days
        on orders.shipped_date = numbered_days.calendar_date
    where orders.is_shipped
),

shipped as (
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from shipped_orders
    group by {{ columns | join(', ') }}
),

{{ whole_by_cause('shipped', columns, order_error_causes()) }},

orders_and_errors as (
    select
        {{ columns | join(', ') }},
        cause,
        whole_cause,
        whole_count,
        cast(null as bigint) as wrong_order_id
    from whole_rows
    union all
    select
        {%- for column in columns %}
        shipped_orders.{{ column }},
        {%- endfor %}
        order_errors.cause,
        null as whole_cause,
        0 as whole_count,
        shipped_orders.order_id as wrong_order_id
    from {{ ref('fct_order_errors') }} as order_errors
    inner join shipped_orders
        on order_errors.placed_order_id = shipped_orders.order_id
)

select
    bucket_date,
    channel,
    account,
    country,
    location,
    carrier,
    delivery_method,
    cause,
    count(distinct wrong_order_id) as numerator,
    {{ whole_count() }} as denominator,
    {{ whole_count() }} as sample_size
from orders_and_errors
group by
    bucket_date,
    channel,
    account,
    country,
    location,
    carrier,
    delivery_method,
    cause
{%- endmacro %}

{% macro metric_perfect_order_losses() -%}
{%- set columns = ['bucket_date', 'channel', 'account', 'country', 'location', 'carrier', 'delivery_method'] -%}
with {{ metric_buckets() }},

due_orders as (
    select
        numbered_days.bucket_date,
        orders.channel,
        orders.account,
        orders.country,
        orders.location,
        orders.carrier,
        orders.delivery_method,
        orders.loss_cause
    from {{ ref('fct_fulfilment_orders') }} as orders
    inner join numbered_days
        on orders.order_date = numbered_days.calendar_date
    where orders.is_due
),

due as (
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from due_orders
    group by {{ columns | join(', ') }}
),

{{ whole_by_cause('due', columns, perfect_order_components()) }},

orders_and_losses as (
    select
        {{ columns | join(', ') }},
        cause,
        whole_cause,
        whole_count,
        0 as lost_count
    from whole_rows
    union all
    select
        {{ columns | join(', ') }},
        loss_cause as cause,
        null as whole_cause,
        0 as whole_count,
        1 as lost_count
    from due_orders
    where loss_cause is not null
)

select
    bucket_date,
    channel,
    account,
    country,
    location,
    carrier,
    delivery_method,
    cause,
    sum(lost_count) as numerator,
    {{ whole_count() }} as denominator,
    {{ whole_count() }} as sample_size
from orders_and_losses
group by
    bucket_date,
    channel,
    account,
    country,
    location,
    carrier,
    delivery_method,
    cause
{%- endmacro %}

{#- The product of the four component rates, beside the number of orders it is made from. -#}
{% macro metric_perfect_order_index() -%}
with {{ metric_buckets() }},

due_orders as (
    select
        numbered_days.bucket_date,
        orders.channel,
        orders.account,
        orders.country,
        orders.location,
        orders.carrier,
        orders.delivery_method,
        {%- for flag in ['is_in_full', 'is_on_time', 'is_documented', 'is_sound'] %}
        case when orders.{{ flag }} then 1.0 else 0.0 end as {{ flag }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_fulfilment_orders') }} as orders
    inner join numbered_days
        on orders.order_date = numbered_days.calendar_date
    where orders.is_due
)

select
    bucket_date,
    channel,
    account,
    country,
    location,
    carrier,
    delivery_method,
    avg(is_in_full) * avg(is_on_time) * avg(is_documented) * avg(is_sound) * count(*) as numerator,
    count(*) as denominator,
    count(*) as sample_size
from due_orders
group by
    bucket_date,
    channel,
    account,
    country,
    location,
    carrier,
    delivery_method
{%- endmacro %}
