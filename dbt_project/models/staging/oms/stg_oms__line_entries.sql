with versions as (
    select
        entry_id,
        line_id,
        order_id,
        kind,
        source_kind,
        source_ref,
        reason,
        quantity,
        change_id,
        occurred_at,
        row_number() over (
            partition by entry_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'line_entry') }}
),

newest_versions as (
    select
        entry_id as line_entry_id,
        line_id as order_line_id,
        order_id,
        kind as entry_kind,
        source_kind,
        source_ref,
        reason,
        quantity as entry_quantity,
        change_id as change_number,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
