-- A failing row is a SKU, location and condition whose stretches overlap, leave a gap, or whose
-- last one is not the sum of its movements.
with stretches as (
    select
        sku,
        location,
        condition,
        quantity,
        valid_to,
        lead(valid_from) over (
            partition by sku, location, condition order by valid_from
        ) as next_valid_from
    from {{ ref('fct_stock_intervals') }}
),

stretch_states as (
    select
        sku,
        location,
        condition,
        sum(case when valid_to is null then quantity else 0 end) as last_quantity,
        sum(
            case
                when valid_to is null and next_valid_from is null then 0
                when valid_to = next_valid_from then 0
                else 1
            end
        ) as broken_ends
    from stretches
    group by sku, location, condition
),

ledger as (
    select
        sku,
        location,
        condition,
        sum(quantity) as ledger_quantity
    from {{ ref('fct_stock_movements') }}
    group by sku, location, condition
),

compared as (
    select
        ledger.sku,
        ledger.location,
        ledger.condition,
        ledger.ledger_quantity,
        stretch_states.last_quantity,
        stretch_states.broken_ends
    from ledger
    left outer join stretch_states
        on
            ledger.sku = stretch_states.sku
            and ledger.location = stretch_states.location
            and ledger.condition = stretch_states.condition
)

select * from compared
where
    last_quantity is null
    or ledger_quantity <> last_quantity
    or broken_ends > 0
