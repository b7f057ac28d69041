{#-
    Row count and exact sums of the newest versions in every raw table, by the key and the summed columns that the
    source's meta names: columns table_name, measure, total.
-#}
{% macro raw_totals() -%}
    {%- set measured = [] -%}
    {%- if execute -%}
        {%- for table in graph.sources.values() if table.name != 'core_total' -%}
            {%- do measured.append(table) -%}
        {%- endfor -%}
    {%- endif -%}
    with
    {%- for table in measured %}
    versions_of_{{ table.name }} as (
        select
            {% for name in table.config.meta.sums -%}
            {{ name }},
            {% endfor -%}
            row_number() over (
                partition by {{ '"' ~ table.config.meta.key | join('", "') ~ '"' }} order by change_id desc
            ) as version_rank
        from raw_oms.{{ table.name }}
    ),

    totals_of_{{ table.name }} as (
        select
            {% for name in table.config.meta.sums -%}
            coalesce(sum({{ name }}), 0) as sum_of_{{ name }},
            {% endfor -%}
            count(*) as row_total
        from versions_of_{{ table.name }}
        where version_rank = 1
    ),
    {% endfor %}
    nothing as (
        select cast(null as varchar) as table_name, cast(null as varchar) as measure, cast(0 as decimal(38, 0)) as total
    )
    {% for table in measured %}
    select '{{ table.name }}' as table_name, 'rows' as measure, cast(row_total as decimal(38, 0)) as total
    from totals_of_{{ table.name }}
    union all
    {%- for name in table.config.meta.sums %}
    select '{{ table.name }}', '{{ name }}', cast(sum_of_{{ name }} as decimal(38, 0))
    from totals_of_{{ table.name }}
    union all
    {%- endfor %}
    {%- endfor %}
    select table_name, measure, total from nothing where table_name is not null
{%- endmacro %}
