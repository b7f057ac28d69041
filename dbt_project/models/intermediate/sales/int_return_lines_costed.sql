with return_lines as (
    select
        return_line_id,
        return_id,
        order_id,
        order_line_id,
        customer,
        account,
        channel,
        country,
        sku,
        category,
        line_kind,
        reason,
        currency,
        base_currency,
        base_rate,
        returned_quantity,
        returned_amount,
        base_returned_amount,
        is_return,
        return_date,
        returned_at
    from {{ ref('int_return_lines_classified') }}
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

-- In the return's currency, and in the base currency where the return has a rate.
with_unit_costs as (
    select
        lines.return_line_id,
        lines.return_id,
        lines.order_id,
        lines.order_line_id,
        lines.customer,
        lines.account,
        lines.channel,
        lines.country,
        lines.sku,
        lines.category,
        lines.line_kind,
        lines.reason,
        lines.currency,
        lines.base_currency,
        lines.base_rate,
        lines.returned_quantity,
        lines.returned_amount,
        lines.base_returned_amount,
        lines.is_return,
        lines.return_date,
        lines.returned_at,
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
    from return_lines as lines
    left outer join unit_costs as costs
        on
            lines.sku = costs.sku
            and lines.line_kind = 'item'
            and lines.returned_at >= costs.valid_from
            and (costs.valid_to is null or lines.returned_at < costs.valid_to)
),

costed as (
    select
        return_line_id,
        return_id,
        order_id,
        order_line_id,
        customer,
        account,
        channel,
        country,
        sku,
        category,
        line_kind,
        reason,
        currency,
        base_currency,
        returned_quantity,
        returned_amount,
        base_returned_amount,
        cast(returned_quantity * unit_cost as decimal(18, 6)) as returned_cost_amount,
        cast(returned_quantity * base_unit_cost as decimal(18, 6)) as base_returned_cost_amount,
        is_return,
        unit_cost is not null as is_costed,
        return_date,
        returned_at
    from with_unit_costs
)

select * from costed
