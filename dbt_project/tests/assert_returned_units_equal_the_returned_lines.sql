-- A failing row is a returned line of goods whose units in fct_returned_units, in a cohort or none,
-- are not those of fct_return_lines: attributing returns to shipments lost or doubled units.
with return_lines as (
    select
        return_line_id,
        returned_quantity
    from {{ ref('fct_return_lines') }}
    where
        is_return
        and line_kind = 'item'
),

returned_units as (
    select
        return_line_id,
        sum(returned_quantity) as returned_quantity
    from {{ ref('fct_returned_units') }}
    group by return_line_id
),

compared as (
    select
        return_lines.return_line_id,
        return_lines.returned_quantity as line_quantity,
        returned_units.returned_quantity as attributed_quantity
    from return_lines
    full outer join returned_units
        on return_lines.return_line_id = returned_units.return_line_id
)

select * from compared
where
    line_quantity is null
    or attributed_quantity is null
    or line_quantity <> attributed_quantity
