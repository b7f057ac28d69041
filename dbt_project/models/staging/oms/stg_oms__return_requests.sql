with versions as (
    select
        request_id,
        order_id,
        replacement_order_id,
        number,
        kind,
        location,
        state,
        requested_at,
        row_number() over (
            partition by request_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'return_request') }}
),

newest_versions as (
    select
        request_id as return_request_id,
        order_id,
        replacement_order_id,
        number as return_request_number,
        kind as request_kind,
        location,
        state,
        {{ utc_timestamp('requested_at') }} as requested_at
    from versions
    where version_rank = 1
)

select * from newest_versions
