with versions as (
    select
        entry_id,
        actor,
        role,
        action,
        object_kind,
        object_ref,
        command_key,
        change_id,
        recorded_at,
        row_number() over (
            partition by entry_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'audit_entry') }}
),

newest_versions as (
    select
        entry_id as audit_entry_id,
        actor,
        role,
        action,
        object_kind,
        object_ref,
        command_key,
        change_id as change_number,
        {{ utc_timestamp('recorded_at') }} as recorded_at
    from versions
    where version_rank = 1
)

select * from newest_versions
