{#-
    How long orders take from one milestone to the next, by the business date on which the stage ended. A stage of an
    order counts where both its ends are known, whichever comes first: a stamp before the one it follows counts with a
    time below zero. A quantile is no sum: it is taken over the orders of the answer's own row.
-#}
{% macro order_stages() -%}
numbered_stages as (
    {%- for stage, entered_at, left_at in [
        ('placed_to_approved', 'placed_at', 'approved_at'),
        ('approved_to_shipped', 'approved_at', 'shipped_at'),
        ('shipped_to_delivered', 'shipped_at', 'delivered_at'),
        ('placed_to_shipped', 'placed_at', 'shipped_at'),
        ('placed_to_delivered', 'placed_at', 'delivered_at'),
    ] %}
    select
        '{{ stage }}' as stage,
        channel,
        account,
        country,
        status,
        {{ business_date(left_at) }} as left_date,
        {{ microseconds_between(entered_at, left_at) }} as stage_microseconds
    from {{ ref('fct_order_milestones') }}
    where {{ entered_at }} is not null and {{ left_at }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

order_stages as (
    select
        numbered_days.bucket_date,
        numbered_stages.stage,
        numbered_stages.channel,
        numbered_stages.account,
        numbered_stages.country,
        numbered_stages.status,
        numbered_stages.stage_microseconds
    from numbered_stages
    inner join numbered_days
        on numbered_stages.left_date = numbered_days.calendar_date
)
{%- endmacro %}

{% macro metric_processing_time(quantile) -%}
with {{ metric_buckets() }},

{{ order_stages() }}

select
    bucket_date,
    stage,
    channel,
    account,
    country,
    status,
    percentile_cont({{ quantile }}) within group (order by stage_microseconds / 86400000000.0) as numerator,
    count(*) as sample_size
from order_stages
group by
    bucket_date,
    stage,
    channel,
    account,
    country,
    status
{%- endmacro %}

{% macro metric_order_cycle_time() -%}
with {{ metric_buckets() }},

{{ order_stages() }}

select
    bucket_date,
    channel,
    account,
    country,
    status,
    sum(stage_microseconds) as numerator,
    count(*) as denominator,
    max(cast(86400000000 as bigint)) as numerator_per,
    count(*) as sample_size
from order_stages
where stage = 'placed_to_delivered'
group by
    bucket_date,
    channel,
    account,
    country,
    status
{%- endmacro %}

{% macro metric_stage_sums(numerator, is_mean) -%}
with {{ metric_buckets() }},

{{ order_stages() }}

select
    bucket_date,
    stage,
    channel,
    account,
    country,
    status,
    sum({{ numerator }}) as numerator
    {%- if is_mean %},
    count(*) as denominator,
    max(cast(86400000000 as bigint)) as numerator_per
    {%- endif %},
    count(*) as sample_size
from order_stages
group by
    bucket_date,
    stage,
    channel,
    account,
    country,
    status
{%- endmacro %}
