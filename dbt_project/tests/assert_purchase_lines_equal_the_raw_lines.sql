-- A failing row says that lines, ordered, received or rejected units of fct_purchase_order_lines
-- are not those of the raw purchase-order lines, or received units not those of the receipts.
with raw_lines as (
    select
        quantity,
        received_quantity,
        rejected_quantity,
        row_number() over (
            partition by po_line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'purchase_order_line') }}
),

raw_totals as (
    select
        count(*) as line_total,
        coalesce(sum(quantity), 0) as ordered_total,
        coalesce(sum(received_quantity), 0) as received_total,
        coalesce(sum(rejected_quantity), 0) as rejected_total
    from raw_lines
    where version_rank = 1
),

receipt_totals as (
    select coalesce(sum(received_quantity), 0) as received_total
    from {{ ref('stg_oms__receipt_lines') }}
    where purchase_order_line_id is not null
),

mart_totals as (
    select
        count(*) as line_total,
        coalesce(sum(ordered_quantity), 0) as ordered_total,
        coalesce(sum(received_quantity), 0) as received_total,
        coalesce(sum(rejected_quantity), 0) as rejected_total
    from {{ ref('fct_purchase_order_lines') }}
),

compared as (
    select
        raw_totals.line_total as raw_lines,
        mart_totals.line_total as mart_lines,
        raw_totals.ordered_total as raw_ordered,
        mart_totals.ordered_total as mart_ordered,
        raw_totals.received_total as raw_received,
        mart_totals.received_total as mart_received,
        receipt_totals.received_total as receipts_received,
        raw_totals.rejected_total as raw_rejected,
        mart_totals.rejected_total as mart_rejected
    from raw_totals
    cross join mart_totals
    cross join receipt_totals
)

select * from compared
where
    raw_lines <> mart_lines
    or raw_ordered <> mart_ordered
    or raw_received <> mart_received
    or receipts_received <> mart_received
    or raw_rejected <> mart_rejected
