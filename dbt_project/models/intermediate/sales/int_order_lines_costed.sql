with order_lines as (
    select
        order_line_id,
        order_id,
        placed_order_id,
        customer,
        account,
        channel,
        country,
        region,
        customer_group,
        sku,
        category,
        line_kind,
        lifecycle,
        currency,
        base_currency,
        base_rate,
        ordered_quantity,
        cancelled_quantity,
        moved_quantity,
        kept_quantity,
        unit_price,
        line_amount,
        discount_amount,
        kept_amount,
        base_kept_amount,
        gross_amount,
        base_gross_amount,
        is_sale,
        is_ordered,
        is_cancelled,
        order_date,
        placed_at
    from {{ ref('int_order_lines_classified') }}
),

unit_costs as (
    select
        sku,
        currency,
        unit_cost,
        valid_from,
        valid_to
    from {{ ref('int_sku_unit_costs') }}
),

-- In the order's currency, and in the base currency where the order has a rate.
with_unit_costs as (
    select
        lines.order_line_id,
        lines.order_id,
        lines.placed_order_id,
        lines.customer,
        lines.account,
        lines.channel,
        lines.country,
        lines.region,
        lines.customer_group,
        lines.sku,
        lines.category,
        lines.line_kind,
        lines.lifecycle,
        lines.currency,
        lines.base_currency,
        lines.base_rate,
        lines.ordered_quantity,
        lines.cancelled_quantity,
        lines.moved_quantity,
        lines.kept_quantity,
        lines.unit_price,
        lines.line_amount,
        lines.discount_amount,
        lines.kept_amount,
        lines.base_kept_amount,
        lines.gross_amount,
        lines.base_gross_amount,
        lines.is_sale,
        lines.is_ordered,
        lines.is_cancelled,
        lines.order_date,
        lines.placed_at,
        case
            when costs.currency = lines.currency then costs.unit_cost
            when
                costs.currency = lines.base_currency and lines.base_rate > 0
                then cast(costs.unit_cost / lines.base_rate as decimal(18, 6))
        end as unit_cost,
        case
            when costs.currency = lines.base_currency then costs.unit_cost
            when
                costs.currency = lines.currency
                then
                    cast(
                        cast(costs.unit_cost as decimal(20, 6)) * lines.base_rate
                        as decimal(18, 6)
                    )
        end as base_unit_cost
    from order_lines as lines
    left outer join unit_costs as costs
        on
            lines.sku = costs.sku
            and lines.line_kind = 'item'
            and lines.placed_at >= costs.valid_from
            and (costs.valid_to is null or lines.placed_at < costs.valid_to)
),

costed as (
    select
        order_line_id,
        order_id,
        placed_order_id,
        customer,
        account,
        channel,
        country,
        region,
        customer_group,
        sku,
        category,
        line_kind,
        lifecycle,
        currency,
        base_currency,
        base_rate,
        ordered_quantity,
        cancelled_quantity,
        moved_quantity,
        kept_quantity,
        unit_price,
        line_amount,
        discount_amount,
        kept_amount,
        base_kept_amount,
        gross_amount,
        base_gross_amount,
        unit_cost,
        cast(kept_quantity * unit_cost as decimal(18, 6)) as cost_amount,
        cast(kept_quantity * base_unit_cost as decimal(18, 6)) as base_cost_amount,
        is_sale,
        is_ordered,
        is_cancelled,
        unit_cost is not null as is_costed,
        order_date,
        placed_at
    from with_unit_costs
)

select * from costed
