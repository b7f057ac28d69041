with order_milestones as (
    select
        order_id,
        account,
        channel,
        country,
        status,
        promised_date,
        order_date,
        placed_at,
        approved_at,
        shipped_at,
        delivered_at
    from {{ ref('int_orders_with_milestones') }}
),

orders as (
    select
        order_id,
        merged_into_order_id,
        is_fulfilled_here
    from {{ ref('stg_oms__orders') }}
    where coalesce(relation, '') not in ('split', 'merge')
),

order_steps as (
    select
        order_id,
        location,
        carrier,
        delivery_method,
        allocated_at,
        released_at,
        packed_at,
        left_at,
        ended_at
    from {{ ref('int_order_steps') }}
),

horizons as (
    select
        account,
        horizon_at
    from {{ ref('int_fulfilment_horizons') }}
),

fulfilment_lines as (
    select
        placed_order_id,
        is_tried,
        is_short
    from {{ ref('int_fulfilment_lines') }}
),

moved_lines as (
    select
        origin_order_id,
        order_id
    from {{ ref('stg_oms__order_lines') }}
    where origin_order_id is not null
    group by origin_order_id, order_id
),

units_cancelled as (
    select
        placed_order_id,
        sum(cancelled_quantity) as short_quantity
    from {{ ref('int_units_cancelled') }}
    where cause in ('out_of_stock', 'merchant', 'other')
    group by placed_order_id
),

order_errors as (
    select
        placed_order_id as order_id,
        max(case when cause = 'quantity' and evidence_kind <> 'short_pick' then 1 else 0 end)
            as is_quantity_wrong,
        max(case when cause in ('damage', 'wrong_item') then 1 else 0 end) as is_condition_wrong,
        max(case when cause in ('address', 'price', 'document') then 1 else 0 end)
            as is_document_wrong
    from {{ ref('int_order_errors') }}
    group by placed_order_id
),

orders_touched as (
    select
        order_id,
        human_event_count
    from {{ ref('int_orders_touched') }}
),

-- Orders that took over lines of a placed one by a split or merge.
parts as (
    select
        moved_lines.origin_order_id as order_id,
        min(
            case
                when part_milestones.status = 'cancelled' then 1
                when part_milestones.delivered_at is not null then 1
                else 0
            end
        ) as is_delivered,
        min(
            case
                when part_milestones.status = 'cancelled' then 1
                when part_milestones.shipped_at is not null then 1
                else 0
            end
        ) as is_shipped,
        max(part_milestones.delivered_at) as delivered_at,
        max(part_milestones.shipped_at) as shipped_at
    from moved_lines
    inner join order_milestones as part_milestones
        on moved_lines.order_id = part_milestones.order_id
    group by moved_lines.origin_order_id
),

filled_orders as (
    select
        placed_order_id as order_id,
        max(case when is_short then 1 else 0 end) as is_short,
        min(case when is_tried then 1 else 0 end) as is_tried
    from fulfilment_lines
    group by placed_order_id
),

whole_orders as (
    select
        order_milestones.order_id,
        order_milestones.account,
        order_milestones.channel,
        order_milestones.country,
        order_milestones.status,
        order_milestones.promised_date,
        order_milestones.order_date,
        order_milestones.placed_at,
        order_milestones.approved_at,
        orders.is_fulfilled_here,
        horizons.horizon_at,
        case
            when parts.is_shipped = 0 then null
            when orders.merged_into_order_id is not null then parts.shipped_at
            when order_milestones.shipped_at is null then null
            else greatest(order_milestones.shipped_at, parts.shipped_at)
        end as shipped_at,
        case
            when parts.is_delivered = 0 then null
            when orders.merged_into_order_id is not null then parts.delivered_at
            when order_milestones.delivered_at is null then null
            else greatest(order_milestones.delivered_at, parts.delivered_at)
        end as delivered_at
    from order_milestones
    inner join orders
        on order_milestones.order_id = orders.order_id
    inner join horizons
        on order_milestones.account = horizons.account
    left outer join parts
        on order_milestones.order_id = parts.order_id
),

judged as (
    select
        whole_orders.order_id,
        whole_orders.account,
        whole_orders.channel,
        whole_orders.country,
        order_steps.location,
        order_steps.carrier,
        order_steps.delivery_method,
        whole_orders.status,
        cast(coalesce(orders_touched.human_event_count, 0) as bigint) as human_event_count,
        whole_orders.is_fulfilled_here,
        (
            filled_orders.order_id is not null
            and (filled_orders.is_short = 1 or filled_orders.is_tried = 1)
        ) as is_tried,
        coalesce(filled_orders.is_short = 0 and filled_orders.is_tried = 1, false) as is_filled,
        (
            whole_orders.shipped_at is not null or order_steps.left_at is not null
        ) as is_shipped,
        coalesce(
            whole_orders.status <> 'cancelled'
            and whole_orders.promised_date < {{ business_date('whole_orders.horizon_at') }},
            false
        ) as is_due,
        (
            coalesce(units_cancelled.short_quantity, 0) = 0
            and coalesce(order_errors.is_quantity_wrong, 0) = 0
        ) as is_in_full,
        coalesce(
            {{ business_date('whole_orders.delivered_at') }} <= whole_orders.promised_date, false
        ) as is_on_time,
        coalesce(order_errors.is_document_wrong, 0) = 0 as is_documented,
        coalesce(order_errors.is_condition_wrong, 0) = 0 as is_sound,
        order_errors.order_id is not null as has_error,
        whole_orders.order_date,
        coalesce(
            {{ business_date('whole_orders.shipped_at') }},
            {{ business_date('order_steps.left_at') }}
        ) as shipped_date,
        whole_orders.promised_date,
        {{ business_date('whole_orders.approved_at') }} as approved_date,
        {{ business_date('order_steps.allocated_at') }} as allocated_date,
        {{ business_date('order_steps.released_at') }} as released_date,
        {{ business_date('order_steps.packed_at') }} as packed_date,
        whole_orders.placed_at,
        whole_orders.approved_at,
        order_steps.allocated_at,
        order_steps.released_at,
        order_steps.packed_at,
        order_steps.left_at,
        whole_orders.shipped_at,
        whole_orders.delivered_at,
        least(order_steps.ended_at, whole_orders.horizon_at) as seen_until
    from whole_orders
    left outer join order_steps
        on whole_orders.order_id = order_steps.order_id
    left outer join filled_orders
        on whole_orders.order_id = filled_orders.order_id
    left outer join units_cancelled
        on whole_orders.order_id = units_cancelled.placed_order_id
    left outer join order_errors
        on whole_orders.order_id = order_errors.order_id
    left outer join orders_touched
        on whole_orders.order_id = orders_touched.order_id
),

orders_judged as (
    select
        order_id,
        account,
        channel,
        country,
        location,
        carrier,
        delivery_method,
        status,
        case
            when not is_due then null
            when not is_in_full then 'in_full'
            when not is_on_time then 'on_time'
            when not is_documented then 'documents'
            when not is_sound then 'condition'
        end as loss_cause,
        human_event_count,
        is_fulfilled_here,
        is_tried,
        is_filled,
        is_shipped,
        is_due,
        is_in_full,
        is_on_time,
        is_documented,
        is_sound,
        has_error,
        order_date,
        shipped_date,
        promised_date,
        approved_date,
        allocated_date,
        released_date,
        packed_date,
        placed_at,
        approved_at,
        allocated_at,
        released_at,
        packed_at,
        left_at,
        shipped_at,
        delivered_at,
        seen_until
    from judged
)

select * from orders_judged
