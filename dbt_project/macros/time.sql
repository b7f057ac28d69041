{#- Instants are integers of microseconds UTC in raw tables, `timestamp` in UTC from staging on. -#}

{% macro utc_timestamp(microseconds) -%}
    {{ adapter.dispatch('utc_timestamp', 'ordersight')(microseconds) }}
{%- endmacro %}

{% macro default__utc_timestamp(microseconds) -%}
    make_timestamp({{ microseconds }})
{%- endmacro %}

{% macro postgres__utc_timestamp(microseconds) -%}
    (timestamp '1970-01-01 00:00:00' + {{ microseconds }} * interval '1 microsecond')
{%- endmacro %}

{#- The day in the company's zone on which a UTC timestamp falls. Computed here and nowhere else. -#}
{% macro business_date(utc_timestamp) -%}
    cast(
        (({{ utc_timestamp }}) at time zone 'UTC') at time zone '{{ var("business_zone") }}' as date
    )
{%- endmacro %}

{#- The UTC timestamp at which a business day starts: local midnight, whatever the length of the day. -#}
{% macro business_day_start(business_date) -%}
    (
        (cast({{ business_date }} as timestamp) at time zone '{{ var("business_zone") }}')
        at time zone 'UTC'
    )
{%- endmacro %}

{#- Whole microseconds from one timestamp to a later one, a bigint. -#}
{% macro microseconds_between(start_at, end_at) -%}
    {{ adapter.dispatch('microseconds_between', 'ordersight')(start_at, end_at) }}
{%- endmacro %}

{% macro default__microseconds_between(start_at, end_at) -%}
    (epoch_us({{ end_at }}) - epoch_us({{ start_at }}))
{%- endmacro %}

{% macro postgres__microseconds_between(start_at, end_at) -%}
    cast(extract(epoch from ({{ end_at }} - {{ start_at }})) * 1000000 as bigint)
{%- endmacro %}

{#- One row per day from a first to a last date, both included; column `calendar_date`. -#}
{% macro calendar_days(first_date, last_date) -%}
    {{ adapter.dispatch('calendar_days', 'ordersight')(first_date, last_date) }}
{%- endmacro %}

{% macro default__calendar_days(first_date, last_date) -%}
    select cast(series.calendar_day as date) as calendar_date
    from generate_series(
        cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval '1 day'
    ) as series (calendar_day)
{%- endmacro %}
