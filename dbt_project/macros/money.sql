{#- Integer money at a scale of 0 to 6 digits as an exact decimal(18, 6): multiplied, never divided. -#}
{% macro scaled_decimal(units, scale) -%}
    cast(
        cast({{ units }} as decimal(18, 0))
        * case {{ scale }}
            when 0 then cast(1 as decimal(7, 6))
            when 1 then cast(0.1 as decimal(7, 6))
            when 2 then cast(0.01 as decimal(7, 6))
            when 3 then cast(0.001 as decimal(7, 6))
            when 4 then cast(0.0001 as decimal(7, 6))
            when 5 then cast(0.00001 as decimal(7, 6))
            when 6 then cast(0.000001 as decimal(7, 6))
        end as decimal(18, 6)
    )
{%- endmacro %}

{#- An exchange rate at a scale of 0 to 10 digits as an exact decimal(18, 10). -#}
{% macro scaled_rate(units, scale) -%}
    cast(
        cast({{ units }} as decimal(18, 0))
        * case {{ scale }}
            {%- for digits in range(11) %}
            when {{ digits }} then cast({{ '1' if digits == 0 else '0.' ~ '0' * (digits - 1) ~ '1' }} as decimal(11, 10))
            {%- endfor %}
        end as decimal(18, 10)
    )
{%- endmacro %}

{#- Currencies whose digits after the point are not two; a test keeps them equal to the core's (ISO 4217). -#}
{% macro currencies_by_digits() -%}
    {{ return({
        0: ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV',
            'XAF', 'XOF', 'XPF'],
        3: ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'],
        4: ['CLF', 'UYW'],
    }) }}
{%- endmacro %}

{#- Posted money, an integer in minor units of its currency, as an exact decimal(18, 6). -#}
{% macro posted_amount(units, currency) -%}
    cast(
        cast({{ units }} as decimal(18, 0))
        * case
            {%- for digits, codes in currencies_by_digits().items() %}
            when {{ currency }} in ('{{ codes | join("', '") }}')
                then cast({{ '1' if digits == 0 else '0.' ~ '0' * (digits - 1) ~ '1' }} as decimal(7, 6))
            {%- endfor %}
            else cast(0.01 as decimal(7, 6))
        end as decimal(18, 6)
    )
{%- endmacro %}
