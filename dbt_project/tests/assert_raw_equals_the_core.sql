-- depends_on: {{ ref('stg_oms__order_lines') }}
-- A failing row is a table whose newest raw versions are not as many, or do not add up to the
-- same, as the core's rows in the export session they came from: a change was missed, loaded twice
-- or altered on the way.
with core_totals as (
    select
        table_name,
        measure,
        total
    from raw_oms.core_total
),

raw_totals as (
    {{ raw_totals() }}
),

compared as (
    select
        coalesce(core_totals.table_name, raw_totals.table_name) as table_name,
        coalesce(core_totals.measure, raw_totals.measure) as measure,
        core_totals.total as core_total,
        raw_totals.total as raw_total
    from core_totals
    full outer join raw_totals
        on
            core_totals.table_name = raw_totals.table_name
            and core_totals.measure = raw_totals.measure
)

select * from compared
where
    core_total is null
    or raw_total is null
    or core_total <> raw_total
