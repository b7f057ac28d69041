{#-
    The movements that layers follow, each with its queue (the place it comes into or leaves) and its way (where goods
    that are not new come from). A movement and its reversal of the same instant never happened.
-#}
{{ config(materialized='table', tags=['fifo']) }}

with stock_movements as (
    select
        movement_id,
        reverses_movement_id,
        account,
        sku,
        location,
        condition,
        movement_kind,
        order_account,
        order_external_id,
        document_kind,
        document_ref,
        quantity,
        occurred_at
    from {{ ref('stg_oms__stock_movements') }}
),

reversals as (
    select
        movement_id,
        reverses_movement_id,
        occurred_at
    from stock_movements
    where reverses_movement_id is not null
),

pairs as (
    select
        reversals.movement_id as reversal_id,
        originals.movement_id as original_id,
        reversals.occurred_at = originals.occurred_at as is_void
    from reversals
    inner join stock_movements as originals
        on reversals.reverses_movement_id = originals.movement_id
),

-- What came in by mistake leaves by its own lane: its reversal takes these very units.
effective_movements as (
    select
        stock_movements.movement_id,
        stock_movements.reverses_movement_id,
        stock_movements.account,
        stock_movements.sku,
        stock_movements.location,
        stock_movements.condition,
        stock_movements.movement_kind,
        stock_movements.order_account,
        stock_movements.order_external_id,
        stock_movements.document_kind,
        stock_movements.document_ref,
        stock_movements.quantity,
        case
            when stock_movements.quantity > 0 then coalesce(undone.original_id, 0)
            else coalesce(undoing.original_id, 0)
        end as lane,
        undone.original_id is not null as is_undone,
        stock_movements.occurred_at
    from stock_movements
    left outer join pairs as undone
        on stock_movements.movement_id = undone.original_id
    left outer join pairs as undoing
        on stock_movements.movement_id = undoing.reversal_id
    where
        coalesce(undone.is_void, false) = false
        and coalesce(undoing.is_void, false) = false
),

queues as (
    select
        sku,
        location,
        condition,
        lane,
        row_number() over (order by sku, location, condition, lane) as queue_id
    from effective_movements
    group by sku, location, condition, lane
),

layer_movements as (
    select
        effective_movements.movement_id,
        queues.queue_id,
        effective_movements.sku,
        effective_movements.location,
        effective_movements.condition,
        effective_movements.movement_kind,
        case
            when effective_movements.reverses_movement_id is not null
                then case when effective_movements.quantity > 0 then 'reversal' end
            when effective_movements.is_undone and effective_movements.quantity < 0 then 'reversal'
            when effective_movements.movement_kind in ('transfer_out', 'transfer_in')
                then 'transfer'
            when effective_movements.movement_kind in ('condition_out', 'condition_in')
                then 'condition'
            when
                effective_movements.movement_kind in ('ship', 'return_in')
                and effective_movements.order_external_id is not null
                then 'order'
        end as way_kind,
        case
            when
                effective_movements.reverses_movement_id is not null
                or effective_movements.is_undone
                then ''
            when effective_movements.movement_kind in ('ship', 'return_in')
                then coalesce(effective_movements.order_account, effective_movements.account)
            else coalesce(effective_movements.document_kind, '')
        end as way_owner,
        case
            when effective_movements.reverses_movement_id is not null
                then cast(effective_movements.reverses_movement_id as varchar)
            when effective_movements.is_undone and effective_movements.quantity < 0
                then cast(effective_movements.movement_id as varchar)
            when effective_movements.movement_kind in ('ship', 'return_in')
                then effective_movements.order_external_id
            else coalesce(effective_movements.document_ref, '')
        end as way_ref,
        effective_movements.quantity,
        abs(effective_movements.quantity) as units,
        case
            when effective_movements.reverses_movement_id is not null
                then case when effective_movements.quantity > 0 then 3 else 2 end
            when effective_movements.movement_kind in (
                'transfer_out', 'transfer_in', 'condition_out', 'condition_in'
            ) then 1
            when effective_movements.movement_kind = 'return_in' then 3
            when effective_movements.quantity > 0 then 0
            else 2
        end as phase,
        effective_movements.quantity > 0 as is_incoming,
        effective_movements.occurred_at
    from effective_movements
    inner join queues
        on
            effective_movements.sku = queues.sku
            and effective_movements.location = queues.location
            and effective_movements.condition = queues.condition
            and effective_movements.lane = queues.lane
)

select * from layer_movements
