{#-
    PostgreSQL's part in dbt's unit tests. dbt compares the text of actual and expected values, and PostgreSQL keeps the
    scale of a decimal it computed: 3 and 3.000000 are one number, so zeros after the last digit do not count.
-#}
{% macro postgres__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    with actual_rows as (
        {{ main_sql }}
    ),

    expected_rows as (
        {{ expected_fixture_sql }}
    )
    {% for relation, side in [('actual_rows', 'actual'), ('expected_rows', 'expected')] %}
    select
        {%- for column in expected_column_names %}
        regexp_replace(
            cast({{ column }} as text), '^(-?[0-9]+)(\.[0-9]*[1-9])?\.?0*$', '\1\2'
        ) as {{ column }},
        {%- endfor %}
        {{ dbt.string_literal(side) }} as {{ adapter.quote('actual_or_expected') }}
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
