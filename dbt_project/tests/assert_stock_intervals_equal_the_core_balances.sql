-- A failing row is a SKU, location and condition whose last stretch of fct_stock_intervals does
-- not hold what the core's balance says: the ledger, the balance or the running sum is wrong.
with open_intervals as (
    select
        sku,
        location,
        condition,
        quantity
    from {{ ref('fct_stock_intervals') }}
    where valid_to is null
),

balances as (
    select
        sku,
        location,
        condition,
        on_hand_quantity
    from {{ ref('stg_oms__stock_balances') }}
),

compared as (
    select
        coalesce(balances.sku, open_intervals.sku) as sku,
        coalesce(balances.location, open_intervals.location) as location,
        coalesce(balances.condition, open_intervals.condition) as condition,
        coalesce(balances.on_hand_quantity, 0) as core_quantity,
        coalesce(open_intervals.quantity, 0) as mart_quantity
    from balances
    full outer join open_intervals
        on
            balances.sku = open_intervals.sku
            and balances.location = open_intervals.location
            and balances.condition = open_intervals.condition
)

select * from compared
where core_quantity <> mart_quantity
