with versions as (
    select
        order_id,
        milestone,
        occurred_at,
        row_number() over (
            partition by order_id, milestone order by seq desc, change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'order_milestone') }}
),

newest_versions as (
    select
        order_id,
        milestone,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
