{#-
    How long stages take, open ones included: the product-limit estimate of Kaplan and Meier (1958). A stage that has
    not ended is known to have lasted until its order was last seen, or ended otherwise: it counts as at risk until
    then, and never as an end. Ages are cut to the minute, beyond a week to the hour, so that the table of an estimate
    stays small however many orders there are; a stamp before the one it follows counts as no time.

    S(t) = Π over ages a ≤ t of (1 − ends at a ÷ at risk at a); the quantile is the least age at which S ≤ 1 − q, and
    blank where S never falls that far.
-#}
{% macro survival_stages() -%}
    {{ return([
        ('placed_to_approved', 'placed_at', 'approved_at', false, 'order_date'),
        ('approved_to_shipped', 'approved_at', 'shipped_at', false, 'approved_date'),
        ('shipped_to_delivered', 'shipped_at', 'delivered_at', false, 'shipped_date'),
        ('placed_to_shipped', 'placed_at', 'shipped_at', false, 'order_date'),
        ('placed_to_delivered', 'placed_at', 'delivered_at', false, 'order_date'),
        ('approved_to_allocated', 'approved_at', 'allocated_at', true, 'approved_date'),
        ('allocated_to_released', 'allocated_at', 'released_at', true, 'allocated_date'),
        ('released_to_packed', 'released_at', 'packed_at', true, 'released_date'),
        ('packed_to_left', 'packed_at', 'left_at', true, 'packed_date'),
    ]) }}
{%- endmacro %}

{#- The stages each order has entered, with the minutes it was seen in them and whether they ended. -#}
{% macro stage_ages(columns) -%}
    {%- for stage, entered_at, left_at, is_own, entered_date in survival_stages() %}
    select
        '{{ stage }}' as stage,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ entered_date }} as entered_date,
        {{ cut_age(whole_minutes(entered_at, 'coalesce(' ~ left_at ~ ', seen_until)')) }} as age_minutes,
        case when {{ left_at }} is not null then 1 else 0 end as has_ended
    from {{ ref('fct_fulfilment_orders') }}
    where {{ entered_at }} is not null{{ ' and is_fulfilled_here' if is_own }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- Whole minutes from one instant to another, none below zero. -#}
{% macro whole_minutes(start_at, end_at) -%}
    greatest(
        cast(
            floor(cast({{ microseconds_between(start_at, end_at) }} as double precision) / 60000000) as bigint
        ),
        0
    )
{%- endmacro %}

{#- An age as the estimates take it: to the minute in its first week, to the hour after. -#}
{% macro cut_age(minutes) -%}
    case when {{ minutes }} < 10080 then {{ minutes }} else {{ minutes }} - {{ minutes }} % 60 end
{%- endmacro %}

{#-
    CTEs `<name>_ages`, `<name>_risks`, `<name>_survival` and `<name>`: a quantile of the ages in `relation` (columns
    age_minutes, and how many ended and were seen at that age) for every combination of `keys`: the keys, sample_size,
    ended_count and quantile_minutes.
-#}
{% macro survival_quantile(name, relation, keys, quantile) -%}
{{ name }}_ages as (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        age_minutes,
        sum(ended) as ended,
        sum(seen) as seen
    from {{ relation }}
    group by
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        age_minutes
),

{{ name }}_risks as (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        age_minutes,
        ended,
        seen,
        sum(seen) over (
            partition by {{ keys | join(', ') }} order by age_minutes desc
            rows between unbounded preceding and current row
        ) as at_risk
    from {{ name }}_ages
),

{{ name }}_survival as (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        age_minutes,
        ended,
        seen,
        case
            when max(case when ended = at_risk then 1 else 0 end) over (
                partition by {{ keys | join(', ') }} order by age_minutes
                rows between unbounded preceding and current row
            ) = 1 then 0
            else exp(
                sum(
                    case
                        when ended < at_risk
                            then ln(1 - cast(ended as double precision) / cast(at_risk as double precision))
                        else 0
                    end
                ) over (
                    partition by {{ keys | join(', ') }} order by age_minutes
                    rows between unbounded preceding and current row
                )
            )
        end as survival
    from {{ name }}_risks
),

{{ name }} as (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        sum(seen) as sample_size,
        sum(ended) as ended_count,
        min(case when survival <= 1 - {{ quantile }} + 0.000000001 then age_minutes end) as quantile_minutes
    from {{ name }}_survival
    group by
        {%- for key in keys %}
        {{ key }}{{ ',' if not loop.last }}
        {%- endfor %}
)
{%- endmacro %}

{#-
    The quantile of a stage, by the business date it was entered. An estimate is no sum of estimates, so one is made
    for each account, each channel and for all, and the last select takes the one that its rows make up; where a filter
    leaves some accounts of a channel, or some channels, there is no number.
-#}
{% macro metric_survival(quantile) -%}
with {{ metric_buckets() }},

stage_ages as (
    {{ stage_ages(['channel', 'account']) }}
),

bucketed_ages as (
    select
        numbered_days.bucket_date,
        stage_ages.stage,
        stage_ages.channel,
        stage_ages.account,
        stage_ages.age_minutes,
        sum(stage_ages.has_ended) as ended,
        count(*) as seen
    from stage_ages
    inner join numbered_days
        on stage_ages.entered_date = numbered_days.calendar_date
    group by
        numbered_days.bucket_date,
        stage_ages.stage,
        stage_ages.channel,
        stage_ages.account,
        stage_ages.age_minutes
),

{{ survival_quantile('of_account', 'bucketed_ages', ['bucket_date', 'stage', 'channel', 'account'], quantile) }},

{{ survival_quantile('of_channel', 'of_account_ages', ['bucket_date', 'stage', 'channel'], quantile) }},

{{ survival_quantile('of_all', 'of_channel_ages', ['bucket_date', 'stage'], quantile) }},

channel_sizes as (
    select
        bucket_date,
        stage,
        channel,
        count(*) as account_count
    from of_account
    group by bucket_date, stage, channel
),

all_sizes as (
    select
        bucket_date,
        stage,
        count(*) as account_count
    from of_account
    group by bucket_date, stage
),

estimates as (
    select
        of_account.bucket_date,
        of_account.stage,
        of_account.channel,
        of_account.account,
        of_account.sample_size,
        of_account.quantile_minutes as account_minutes,
        of_channel.quantile_minutes as channel_minutes,
        of_all.quantile_minutes as all_minutes,
        channel_sizes.account_count as channel_accounts,
        all_sizes.account_count as all_accounts
    from of_account
    inner join of_channel
        on
            of_account.bucket_date = of_channel.bucket_date
            and of_account.stage = of_channel.stage
            and of_account.channel = of_channel.channel
    inner join of_all
        on
            of_account.bucket_date = of_all.bucket_date
            and of_account.stage = of_all.stage
    inner join channel_sizes
        on
            of_account.bucket_date = channel_sizes.bucket_date
            and of_account.stage = channel_sizes.stage
            and of_account.channel = channel_sizes.channel
    inner join all_sizes
        on
            of_account.bucket_date = all_sizes.bucket_date
            and of_account.stage = all_sizes.stage
)

select
    bucket_date,
    stage,
    channel,
    account,
    case
        when count(*) = max(all_accounts) then max(all_minutes) / 1440.0
        when min(channel) = max(channel) and count(*) = max(channel_accounts) then max(channel_minutes) / 1440.0
        when count(*) = 1 then max(account_minutes) / 1440.0
    end as numerator,
    sum(sample_size) as sample_size
from estimates
group by
    bucket_date,
    stage,
    channel,
    account
{%- endmacro %}
