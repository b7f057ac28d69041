with versions as (
    select
        hold_id,
        order_id,
        kind,
        rule,
        occurred_at,
        row_number() over (
            partition by hold_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'order_hold') }}
),

newest_versions as (
    select
        hold_id as order_hold_id,
        order_id,
        kind as hold_kind,
        rule,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
