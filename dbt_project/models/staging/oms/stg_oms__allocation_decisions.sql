with versions as (
    select
        decision_id,
        order_id,
        strategy,
        occurred_at,
        row_number() over (
            partition by decision_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'allocation_decision') }}
),

newest_versions as (
    select
        decision_id,
        order_id,
        strategy,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
