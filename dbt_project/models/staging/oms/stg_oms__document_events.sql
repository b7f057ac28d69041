with versions as (
    select
        document_kind,
        document_id,
        seq,
        event,
        to_state,
        actor,
        reason,
        occurred_at,
        row_number() over (
            partition by document_kind, document_id, seq order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'document_event') }}
),

newest_versions as (
    select
        document_kind,
        document_id,
        seq as event_number,
        event,
        to_state,
        actor,
        reason,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
