with return_lines as (
    select
        return_line_id,
        order_id,
        order_line_id,
        account,
        channel,
        country,
        sku,
        category,
        reason,
        currency,
        base_currency,
        returned_quantity,
        returned_amount,
        base_returned_amount,
        return_date,
        returned_at
    from {{ ref('fct_return_lines') }}
    where
        is_return
        and line_kind = 'item'
),

shipped_lines as (
    select
        order_line_id,
        order_id,
        placed_order_id,
        account,
        channel,
        country,
        region,
        sku,
        category,
        currency,
        base_currency,
        base_rate,
        shipped_quantity,
        ship_date,
        shipped_at
    from {{ ref('fct_shipped_lines') }}
),

unnamed_returns as (
    select
        return_line_id,
        order_id,
        sku
    from return_lines
    where
        order_line_id is null
        and order_id is not null
),

-- A return names the order as it was placed, or as it stands after a split.
possible_lines as (
    select
        unnamed_returns.return_line_id,
        shipped_lines.order_line_id
    from unnamed_returns
    inner join shipped_lines
        on
            unnamed_returns.order_id = shipped_lines.order_id
            and unnamed_returns.sku = shipped_lines.sku
    union
    select
        unnamed_returns.return_line_id,
        shipped_lines.order_line_id
    from unnamed_returns
    inner join shipped_lines
        on
            unnamed_returns.order_id = shipped_lines.placed_order_id
            and unnamed_returns.sku = shipped_lines.sku
),

counted_lines as (
    select
        return_line_id,
        min(order_line_id) as order_line_id,
        count(*) as line_count
    from possible_lines
    group by return_line_id
),

attributed as (
    select
        return_lines.return_line_id,
        case
            when return_lines.order_line_id is not null then return_lines.order_line_id
            when counted_lines.line_count = 1 then counted_lines.order_line_id
        end as order_line_id,
        case
            when return_lines.order_line_id is not null or counted_lines.line_count = 1 then null
            when return_lines.order_id is null then 'no_order'
            when counted_lines.line_count > 1 then 'several_lines'
            else 'not_shipped'
        end as cause,
        return_lines.returned_quantity,
        return_lines.returned_at
    from return_lines
    left outer join counted_lines
        on return_lines.return_line_id = counted_lines.return_line_id
),

returns_in_turn as (
    select
        return_line_id,
        order_line_id,
        returned_quantity,
        sum(returned_quantity) over (
            partition by order_line_id
            order by returned_at, return_line_id
        ) as returned_to
    from attributed
    where order_line_id is not null
),

returned_lines as (
    select order_line_id
    from returns_in_turn
    group by order_line_id
),

shipments_in_turn as (
    select
        shipped_lines.order_line_id,
        shipped_lines.shipped_quantity,
        sum(shipped_lines.shipped_quantity) over (
            partition by shipped_lines.order_line_id
            order by shipped_lines.shipped_at
        ) as shipped_to,
        shipped_lines.shipped_at
    from shipped_lines
    inner join returned_lines
        on shipped_lines.order_line_id = returned_lines.order_line_id
),

lines_with_shipments as (
    select order_line_id
    from shipments_in_turn
    group by order_line_id
),

-- What left first is taken to come back first.
overlapping as (
    select
        returns_in_turn.return_line_id,
        returns_in_turn.order_line_id,
        cast(
            least(returns_in_turn.returned_to, shipments_in_turn.shipped_to)
            - greatest(
                returns_in_turn.returned_to - returns_in_turn.returned_quantity,
                shipments_in_turn.shipped_to - shipments_in_turn.shipped_quantity
            ) as bigint
        ) as returned_quantity,
        shipments_in_turn.shipped_at
    from returns_in_turn
    inner join shipments_in_turn
        on returns_in_turn.order_line_id = shipments_in_turn.order_line_id
),

matched as (
    select
        return_line_id,
        order_line_id,
        returned_quantity,
        shipped_at
    from overlapping
    where returned_quantity > 0
),

matched_totals as (
    select
        return_line_id,
        sum(returned_quantity) as matched_quantity
    from matched
    group by return_line_id
),

unmatched as (
    select
        attributed.return_line_id,
        attributed.order_line_id,
        coalesce(
            attributed.cause,
            case
                when lines_with_shipments.order_line_id is null then 'not_shipped'
                else 'more_than_shipped'
            end
        ) as cause,
        cast(
            attributed.returned_quantity - coalesce(matched_totals.matched_quantity, 0) as bigint
        ) as returned_quantity
    from attributed
    left outer join matched_totals
        on attributed.return_line_id = matched_totals.return_line_id
    left outer join lines_with_shipments
        on attributed.order_line_id = lines_with_shipments.order_line_id
),

parts as (
    select
        return_line_id,
        order_line_id,
        cast(null as varchar) as cause,
        returned_quantity,
        shipped_at
    from matched
    union all
    select
        return_line_id,
        order_line_id,
        cause,
        returned_quantity,
        cast(null as timestamp) as shipped_at
    from unmatched
    where returned_quantity > 0
),

numbered_parts as (
    select
        return_line_id,
        order_line_id,
        cause,
        row_number() over (
            partition by return_line_id order by shipped_at
        ) as part_number,
        returned_quantity,
        shipped_at
    from parts
),

described as (
    select
        numbered_parts.return_line_id,
        numbered_parts.order_line_id,
        coalesce(shipped_lines.order_id, return_lines.order_id) as order_id,
        coalesce(shipped_lines.account, return_lines.account) as account,
        coalesce(shipped_lines.channel, return_lines.channel) as channel,
        case
            when numbered_parts.shipped_at is null then return_lines.country
            else shipped_lines.country
        end as country,
        shipped_lines.region,
        coalesce(shipped_lines.sku, return_lines.sku) as sku,
        case
            when numbered_parts.shipped_at is null then return_lines.category
            else shipped_lines.category
        end as category,
        return_lines.reason,
        numbered_parts.cause,
        return_lines.currency,
        case
            when return_lines.currency = shipped_lines.currency then shipped_lines.base_currency
            else return_lines.base_currency
        end as base_currency,
        numbered_parts.part_number,
        numbered_parts.returned_quantity,
        cast(
            return_lines.returned_amount * numbered_parts.returned_quantity
            / return_lines.returned_quantity as decimal(18, 6)
        ) as returned_amount,
        case
            when return_lines.currency = shipped_lines.currency
                then
                    cast(
                        cast(return_lines.returned_amount as decimal(20, 6))
                        * shipped_lines.base_rate
                        * numbered_parts.returned_quantity / return_lines.returned_quantity
                        as decimal(18, 6)
                    )
            else
                cast(
                    return_lines.base_returned_amount * numbered_parts.returned_quantity
                    / return_lines.returned_quantity as decimal(18, 6)
                )
        end as base_returned_amount,
        cast(greatest(return_lines.return_date - shipped_lines.ship_date, 0) as bigint)
            as age_days,
        numbered_parts.shipped_at is not null as is_in_cohort,
        shipped_lines.ship_date,
        return_lines.return_date,
        numbered_parts.shipped_at,
        return_lines.returned_at
    from numbered_parts
    inner join return_lines
        on numbered_parts.return_line_id = return_lines.return_line_id
    left outer join shipped_lines
        on
            numbered_parts.order_line_id = shipped_lines.order_line_id
            and numbered_parts.shipped_at = shipped_lines.shipped_at
),

returned_units as (
    select
        return_line_id,
        part_number,
        order_line_id,
        order_id,
        account,
        channel,
        country,
        region,
        sku,
        category,
        reason,
        cause,
        currency,
        base_currency,
        returned_quantity,
        returned_amount,
        base_returned_amount,
        case when is_in_cohort then age_days end as age_days,
        is_in_cohort,
        ship_date,
        return_date,
        shipped_at,
        returned_at
    from described
)

select * from returned_units
