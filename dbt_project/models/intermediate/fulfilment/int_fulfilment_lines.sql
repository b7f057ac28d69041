with first_promises as (
    select
        order_line_id,
        wanted_quantity,
        filled_quantity,
        is_tried,
        is_short,
        tried_at
    from {{ ref('int_line_first_promises') }}
),

order_lines as (
    select
        order_line_id,
        order_id,
        placed_order_id,
        account,
        channel,
        country,
        sku,
        category,
        kept_quantity,
        order_date
    from {{ ref('int_order_lines_classified') }}
),

staged_lines as (
    select
        order_line_id,
        shipped_quantity
    from {{ ref('stg_oms__order_lines') }}
),

line_entries as (
    select
        order_line_id,
        max(occurred_at) as shipped_at
    from {{ ref('stg_oms__line_entries') }}
    where entry_kind = 'ship' and entry_quantity > 0
    group by order_line_id
),

order_milestones as (
    select
        order_id,
        status,
        promised_date
    from {{ ref('int_orders_with_milestones') }}
),

horizons as (
    select
        account,
        {{ business_date('horizon_at') }} as horizon_date
    from {{ ref('int_fulfilment_horizons') }}
),

fulfilment_lines as (
    select
        first_promises.order_line_id,
        order_lines.order_id,
        order_lines.placed_order_id,
        order_lines.account,
        order_lines.channel,
        order_lines.country,
        order_lines.sku,
        order_lines.category,
        first_promises.wanted_quantity,
        first_promises.filled_quantity,
        first_promises.is_tried,
        first_promises.is_short,
        coalesce(
            order_lines.kept_quantity > 0
            and order_milestones.status <> 'cancelled'
            and order_milestones.promised_date < horizons.horizon_date,
            false
        ) as is_shipping_due,
        coalesce(
            staged_lines.shipped_quantity >= order_lines.kept_quantity
            and {{ business_date('line_entries.shipped_at') }} <= order_milestones.promised_date,
            false
        ) as is_shipped_on_time,
        order_lines.order_date,
        first_promises.tried_at
    from first_promises
    inner join order_lines
        on first_promises.order_line_id = order_lines.order_line_id
    inner join staged_lines
        on first_promises.order_line_id = staged_lines.order_line_id
    inner join order_milestones
        on order_lines.order_id = order_milestones.order_id
    inner join horizons
        on order_lines.account = horizons.account
    left outer join line_entries
        on first_promises.order_line_id = line_entries.order_line_id
)

select * from fulfilment_lines
