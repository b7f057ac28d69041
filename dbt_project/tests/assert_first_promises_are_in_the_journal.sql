-- A failing row is a line whose first try is said to have filled more units than were wanted, or
-- than the raw journal of promises ever allocated or posted for it.
with raw_promises as (
    select
        line_id,
        quantity,
        row_number() over (
            partition by allocation_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'stock_allocation') }}
    where kind in ('allocate', 'post')
),

promised as (
    select
        line_id,
        sum(quantity) as promised_quantity
    from raw_promises
    where version_rank = 1
    group by line_id
),

compared as (
    select
        fulfilment_lines.order_line_id,
        fulfilment_lines.wanted_quantity,
        fulfilment_lines.filled_quantity,
        promised.promised_quantity
    from {{ ref('fct_fulfilment_lines') }} as fulfilment_lines
    left outer join promised
        on fulfilment_lines.order_line_id = promised.line_id
)

select * from compared
where
    wanted_quantity <= 0
    or filled_quantity > wanted_quantity
    or filled_quantity > coalesce(promised_quantity, 0)
