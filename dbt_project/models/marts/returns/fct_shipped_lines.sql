with order_lines as (
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
        kept_quantity,
        kept_amount,
        base_kept_amount
    from {{ ref('fct_order_lines') }}
    where
        is_sale
        and line_kind = 'item'
        and kept_quantity > 0
),

ship_entries as (
    select
        order_line_id,
        order_id,
        source_kind,
        source_ref,
        entry_quantity,
        occurred_at
    from {{ ref('stg_oms__line_entries') }}
    where entry_kind = 'ship'
),

ship_movements as (
    select
        movement_id,
        reverses_movement_id,
        order_id,
        sku,
        quantity,
        occurred_at
    from {{ ref('fct_stock_movements') }}
    where
        movement_kind = 'ship'
        and order_id is not null
),

milestones as (
    select
        order_id,
        shipped_at
    from {{ ref('fct_order_milestones') }}
    where shipped_at is not null
),

-- A parcel that came back before it arrived takes its units back under the same number.
counted_parcels as (
    select
        order_line_id,
        source_kind,
        source_ref,
        min(case when entry_quantity > 0 then occurred_at end) as shipped_at,
        sum(entry_quantity) as shipped_quantity
    from ship_entries
    group by order_line_id, source_kind, source_ref
),

shipped_by_entries as (
    select
        order_line_id,
        shipped_at,
        cast(sum(shipped_quantity) as bigint) as shipped_quantity
    from counted_parcels
    where shipped_quantity > 0
    group by order_line_id, shipped_at
),

orders_with_entries as (
    select order_id
    from ship_entries
    group by order_id
),

reversed_movements as (
    select reverses_movement_id as movement_id
    from ship_movements
    where reverses_movement_id is not null
),

left_articles as (
    select
        ship_movements.order_id,
        ship_movements.sku,
        ship_movements.occurred_at as shipped_at,
        cast(sum(-ship_movements.quantity) as bigint) as shipped_quantity
    from ship_movements
    left outer join reversed_movements
        on ship_movements.movement_id = reversed_movements.movement_id
    left outer join orders_with_entries
        on ship_movements.order_id = orders_with_entries.order_id
    where
        ship_movements.reverses_movement_id is null
        and reversed_movements.movement_id is null
        and orders_with_entries.order_id is null
    group by ship_movements.order_id, ship_movements.sku, ship_movements.occurred_at
),

orders_with_movements as (
    select order_id
    from left_articles
    group by order_id
),

-- Movements name the order and the article: where several lines have it, they are served in turn.
shared_articles as (
    select
        order_id,
        sku
    from order_lines
    group by order_id, sku
    having count(*) > 1
),

shipped_by_movements as (
    select
        order_lines.order_line_id,
        left_articles.shipped_at,
        left_articles.shipped_quantity
    from order_lines
    inner join left_articles
        on
            order_lines.order_id = left_articles.order_id
            and order_lines.sku = left_articles.sku
    left outer join shared_articles
        on
            order_lines.order_id = shared_articles.order_id
            and order_lines.sku = shared_articles.sku
    where shared_articles.order_id is null
),

lines_in_turn as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.sku,
        order_lines.kept_quantity,
        sum(order_lines.kept_quantity) over (
            partition by order_lines.order_id, order_lines.sku
            order by order_lines.order_line_id
        ) as kept_to
    from order_lines
    inner join shared_articles
        on
            order_lines.order_id = shared_articles.order_id
            and order_lines.sku = shared_articles.sku
),

movements_in_turn as (
    select
        left_articles.order_id,
        left_articles.sku,
        left_articles.shipped_at,
        left_articles.shipped_quantity,
        sum(left_articles.shipped_quantity) over (
            partition by left_articles.order_id, left_articles.sku
            order by left_articles.shipped_at
        ) as shipped_to
    from left_articles
    inner join shared_articles
        on
            left_articles.order_id = shared_articles.order_id
            and left_articles.sku = shared_articles.sku
),

shipped_in_turn as (
    select
        lines_in_turn.order_line_id,
        movements_in_turn.shipped_at,
        cast(
            least(lines_in_turn.kept_to, movements_in_turn.shipped_to)
            - greatest(
                lines_in_turn.kept_to - lines_in_turn.kept_quantity,
                movements_in_turn.shipped_to - movements_in_turn.shipped_quantity
            ) as bigint
        ) as shipped_quantity
    from lines_in_turn
    inner join movements_in_turn
        on
            lines_in_turn.order_id = movements_in_turn.order_id
            and lines_in_turn.sku = movements_in_turn.sku
),

shipped_by_milestones as (
    select
        order_lines.order_line_id,
        milestones.shipped_at,
        order_lines.kept_quantity as shipped_quantity
    from order_lines
    inner join milestones
        on order_lines.order_id = milestones.order_id
    left outer join orders_with_entries
        on order_lines.order_id = orders_with_entries.order_id
    left outer join orders_with_movements
        on order_lines.order_id = orders_with_movements.order_id
    where
        orders_with_entries.order_id is null
        and orders_with_movements.order_id is null
),

all_shipped as (
    select
        order_line_id,
        'entry' as known_by,
        shipped_quantity,
        shipped_at
    from shipped_by_entries
    union all
    select
        order_line_id,
        'movement' as known_by,
        shipped_quantity,
        shipped_at
    from shipped_by_movements
    union all
    select
        order_line_id,
        'movement' as known_by,
        shipped_quantity,
        shipped_at
    from shipped_in_turn
    where shipped_quantity > 0
    union all
    select
        order_line_id,
        'milestone' as known_by,
        shipped_quantity,
        shipped_at
    from shipped_by_milestones
),

described as (
    select
        all_shipped.order_line_id,
        order_lines.order_id,
        order_lines.placed_order_id,
        order_lines.account,
        order_lines.channel,
        order_lines.country,
        order_lines.region,
        order_lines.sku,
        order_lines.category,
        order_lines.currency,
        order_lines.base_currency,
        all_shipped.known_by,
        order_lines.base_rate,
        all_shipped.shipped_quantity,
        case
            when all_shipped.shipped_quantity = order_lines.kept_quantity
                then order_lines.kept_amount
            else
                cast(
                    order_lines.kept_amount * all_shipped.shipped_quantity
                    / order_lines.kept_quantity as decimal(18, 6)
                )
        end as shipped_amount,
        case
            when all_shipped.shipped_quantity = order_lines.kept_quantity
                then order_lines.base_kept_amount
            else
                cast(
                    order_lines.base_kept_amount * all_shipped.shipped_quantity
                    / order_lines.kept_quantity as decimal(18, 6)
                )
        end as base_shipped_amount,
        {{ business_date('all_shipped.shipped_at') }} as ship_date,
        all_shipped.shipped_at
    from all_shipped
    inner join order_lines
        on all_shipped.order_line_id = order_lines.order_line_id
)

select * from described
