with versions as (
    select
        entry_id,
        request_line_id,
        kind,
        location,
        quantity,
        occurred_at,
        row_number() over (
            partition by entry_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'return_entry') }}
),

newest_versions as (
    select
        entry_id as return_entry_id,
        request_line_id as return_request_line_id,
        kind as entry_kind,
        location,
        quantity as entry_quantity,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
