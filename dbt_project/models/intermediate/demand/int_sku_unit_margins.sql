with order_lines as (
    select
        sku,
        line_kind,
        currency,
        base_currency,
        kept_quantity,
        kept_amount,
        base_kept_amount,
        cost_amount,
        base_cost_amount,
        is_sale
    from {{ ref('int_order_lines_costed') }}
),

costed_sales as (
    select
        sku,
        currency,
        base_currency,
        kept_quantity,
        kept_amount - cost_amount as margin,
        base_kept_amount - base_cost_amount as base_margin
    from order_lines
    where
        is_sale
        and line_kind = 'item'
        and kept_quantity > 0
        and cost_amount is not null
),

totals as (
    select
        sku,
        sum(kept_quantity) as quantity,
        sum(margin) as margin,
        sum(base_margin) as base_margin,
        count(*) as sales,
        count(base_margin) as sales_in_base,
        min(currency) as first_currency,
        max(currency) as last_currency,
        min(base_currency) as first_base_currency,
        max(base_currency) as last_base_currency
    from costed_sales
    group by sku
),

-- In the base currency where every sale has a rate to it, else in the sales' own where it is one
-- and the same.
in_one_currency as (
    select
        sku,
        quantity,
        case
            when sales = sales_in_base and first_base_currency = last_base_currency then base_margin
            when first_currency = last_currency then margin
        end as margin,
        case
            when sales = sales_in_base and first_base_currency = last_base_currency
                then first_base_currency
            when first_currency = last_currency then first_currency
        end as currency,
        case
            when sales = sales_in_base and first_base_currency = last_base_currency
                then first_base_currency
        end as base_currency
    from totals
),

-- What is sold below its cost is no loss when it is not sold.
unit_margins as (
    select
        sku,
        currency,
        base_currency,
        cast(
            greatest(cast(margin as double precision) / quantity, 0) as decimal(18, 6)
        ) as unit_margin
    from in_one_currency
    where margin is not null
)

select * from unit_margins
