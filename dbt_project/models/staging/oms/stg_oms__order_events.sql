with versions as (
    select
        order_id,
        seq,
        event,
        to_state,
        actor,
        reason,
        change_id,
        occurred_at,
        row_number() over (
            partition by order_id, seq order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'order_event') }}
),

newest_versions as (
    select
        order_id,
        seq as event_number,
        event,
        to_state,
        actor,
        reason,
        change_id as change_number,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
