-- A failing row is a shipment of a line of which more units are counted as returned than had left:
-- units of a return were counted against it twice.
with shipped_lines as (
    select
        order_line_id,
        shipped_at,
        shipped_quantity
    from {{ ref('fct_shipped_lines') }}
),

returned_units as (
    select
        order_line_id,
        shipped_at,
        sum(returned_quantity) as returned_quantity
    from {{ ref('fct_returned_units') }}
    where is_in_cohort
    group by order_line_id, shipped_at
),

compared as (
    select
        returned_units.order_line_id,
        returned_units.shipped_at,
        shipped_lines.shipped_quantity,
        returned_units.returned_quantity
    from returned_units
    left outer join shipped_lines
        on
            returned_units.order_line_id = shipped_lines.order_line_id
            and returned_units.shipped_at = shipped_lines.shipped_at
)

select * from compared
where
    shipped_quantity is null
    or returned_quantity > shipped_quantity
