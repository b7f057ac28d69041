with order_lines as (
    select
        order_line_id,
        order_id,
        origin_order_id,
        ordered_quantity,
        cancelled_quantity,
        recorded_at
    from {{ ref('stg_oms__order_lines') }}
    where is_fulfilled_here and line_kind = 'item' and not is_bundle and ordered_quantity > 0
),

decisions as (
    select
        decision_id,
        order_id,
        occurred_at
    from {{ ref('stg_oms__allocation_decisions') }}
),

allocations as (
    select
        order_line_id,
        order_id,
        decision_id,
        entry_kind,
        entry_quantity,
        occurred_at
    from {{ ref('stg_oms__stock_allocations') }}
    where entry_kind in ('allocate', 'post')
),

line_entries as (
    select
        order_line_id,
        entry_kind,
        entry_quantity,
        occurred_at
    from {{ ref('stg_oms__line_entries') }}
    where entry_kind in ('cancel', 'move')
),

units_cancelled as (
    select
        order_line_id,
        order_id,
        cause
    from {{ ref('int_units_cancelled') }}
),

-- The first decision about the order that could know the line.
decided_lines as (
    select
        order_lines.order_line_id,
        min(decisions.decision_id) as decision_id,
        min(decisions.occurred_at) as decided_at
    from order_lines
    inner join decisions
        on
            order_lines.order_id = decisions.order_id
            and order_lines.recorded_at <= decisions.occurred_at
    group by order_lines.order_line_id
),

posted_lines as (
    select
        order_line_id,
        min(occurred_at) as posted_at
    from allocations
    where entry_kind = 'post'
    group by order_line_id
),

order_tries as (
    select
        order_id,
        occurred_at
    from decisions
    union all
    select
        order_id,
        occurred_at
    from allocations
    where entry_kind = 'post'
),

orders_tried as (
    select
        order_id,
        min(occurred_at) as tried_at
    from order_tries
    group by order_id
),

out_of_stock_lines as (
    select order_line_id
    from units_cancelled
    where cause = 'out_of_stock' and order_line_id is not null
    group by order_line_id
),

-- A line that a split or merge made after its order was tried has had its first decision there.
own_lines as (
    select
        order_lines.order_line_id,
        order_lines.ordered_quantity,
        decided_lines.decision_id,
        coalesce(decided_lines.decided_at, posted_lines.posted_at) as tried_at,
        (
            out_of_stock_lines.order_line_id is not null
            and order_lines.cancelled_quantity = order_lines.ordered_quantity
        ) as is_given_up
    from order_lines
    left outer join decided_lines
        on order_lines.order_line_id = decided_lines.order_line_id
    left outer join posted_lines
        on order_lines.order_line_id = posted_lines.order_line_id
    left outer join out_of_stock_lines
        on order_lines.order_line_id = out_of_stock_lines.order_line_id
    left outer join orders_tried
        on order_lines.origin_order_id = orders_tried.order_id
    where
        order_lines.origin_order_id is null
        or orders_tried.tried_at is null
        or order_lines.recorded_at < orders_tried.tried_at
),

gone_before as (
    select
        own_lines.order_line_id,
        sum(line_entries.entry_quantity) as gone_quantity
    from own_lines
    inner join line_entries
        on
            own_lines.order_line_id = line_entries.order_line_id
            and (
                own_lines.tried_at > line_entries.occurred_at
                or (
                    own_lines.tried_at is null
                    and not (own_lines.is_given_up and line_entries.entry_kind = 'cancel')
                )
            )
    group by own_lines.order_line_id
),

promised as (
    select
        own_lines.order_line_id,
        sum(allocations.entry_quantity) as promised_quantity
    from own_lines
    inner join allocations
        on own_lines.order_line_id = allocations.order_line_id
    where
        (allocations.entry_kind = 'allocate' and own_lines.decision_id = allocations.decision_id)
        or (allocations.entry_kind = 'post' and own_lines.tried_at >= allocations.occurred_at)
    group by own_lines.order_line_id
),

wanted as (
    select
        own_lines.order_line_id,
        cast(own_lines.ordered_quantity - coalesce(gone_before.gone_quantity, 0) as bigint)
            as wanted_quantity,
        cast(coalesce(promised.promised_quantity, 0) as bigint) as promised_quantity,
        own_lines.tried_at is not null or own_lines.is_given_up as is_tried,
        own_lines.tried_at
    from own_lines
    left outer join gone_before
        on own_lines.order_line_id = gone_before.order_line_id
    left outer join promised
        on own_lines.order_line_id = promised.order_line_id
),

first_promises as (
    select
        order_line_id,
        wanted_quantity,
        case when is_tried then least(promised_quantity, wanted_quantity) end as filled_quantity,
        is_tried,
        is_tried and promised_quantity < wanted_quantity as is_short,
        tried_at
    from wanted
    where wanted_quantity > 0
)

select * from first_promises
