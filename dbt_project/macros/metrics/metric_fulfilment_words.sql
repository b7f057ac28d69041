{#- Whether a text has one of some words in it, whatever their case; a missing text has none. -#}
{% macro has_word(text, words) -%}
(
    {%- for word in words %}
    {{ 'or ' if not loop.first }}lower(coalesce({{ text }}, '')) like '%{{ word }}%'
    {%- endfor %}
)
{%- endmacro %}

{#-
    Why units were cancelled: what the reason says; else a hold for fraud; else who did it (a person of the company:
    merchant). `other`: a reason that names none of them; `unknown`: nobody gave one.
-#}
{% macro cancellation_cause(reason, role, has_fraud_hold) -%}
case
    when {{ has_word(reason, ['fraud', 'blocklist', 'chargeback', '欺诈']) }} then 'fraud'
    when {{ has_word(reason, ['stock', 'inventory', 'unavailable', 'sold out', 'not found', 'shortage', 'discontinued', '缺货']) }} then 'out_of_stock'
    when {{ has_word(reason, ['customer', 'buyer', 'changed mind', 'changed_mind', 'not needed', 'not_needed', 'no longer', 'by mistake', 'twice', '买家', '客户', '顾客']) }} then 'customer'
    when {{ has_word(reason, ['merchant', 'seller', 'staff', '商家', '卖家']) }} then 'merchant'
    when {{ has_fraud_hold }} then 'fraud'
    when {{ role }} = 'customer' then 'customer'
    when {{ role }} <> 'feed_service' then 'merchant'
    when coalesce({{ reason }}, '') <> '' then 'other'
    else 'unknown'
end
{%- endmacro %}

{#- Causes of a cancellation, of an order error, and components of a perfect order, as words of `cause`. -#}
{% macro cancellation_causes() -%}
{{ return(['customer', 'merchant', 'out_of_stock', 'fraud', 'other', 'unknown']) }}
{%- endmacro %}

{% macro order_error_causes() -%}
{{ return(['wrong_item', 'quantity', 'address', 'price', 'damage', 'document']) }}
{%- endmacro %}

{% macro perfect_order_components() -%}
{{ return(['in_full', 'on_time', 'documents', 'condition']) }}
{%- endmacro %}

{#-
    The error a reason tells of; null where it tells of none (changed mind, came too late …). A missing invoice is an error of
    the document, so what is missing is asked last but one.
-#}
{% macro order_error_cause(reason) -%}
case
    when {{ has_word(reason, ['other_article', 'wrong_item', 'wrong item', 'wrong article', 'wrong product', 'not_as_described', 'not as described', '发错', '不符']) }} then 'wrong_item'
    when {{ has_word(reason, ['address', '地址']) }} then 'address'
    when {{ has_word(reason, ['price', 'overcharg', 'charged twice', 'wrong amount', '价格']) }} then 'price'
    when {{ has_word(reason, ['invoice', 'document', 'paperwork', 'customs', 'label', '发票', '单据']) }} then 'document'
    when {{ has_word(reason, ['incomplete', 'missing', 'quantity', 'too few', 'too many', '少件', '漏发']) }} then 'quantity'
    when {{ has_word(reason, ['damag', 'broken', 'defect', 'faulty', '破损', '质量']) }} then 'damage'
end
{%- endmacro %}

{#- Rows of a list of words, as a CTE's body with one column. -#}
{% macro word_rows(words, column) -%}
{%- for word in words %}
    {{ 'union all ' if not loop.first }}select '{{ word }}' as {{ column }}
{%- endfor %}
{%- endmacro %}
