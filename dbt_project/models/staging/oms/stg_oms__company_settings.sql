with versions as (
    select
        version,
        time_zone,
        base_currency,
        recorded_at,
        row_number() over (
            partition by version order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'company_setting') }}
),

newest_versions as (
    select
        version,
        time_zone,
        base_currency,
        {{ utc_timestamp('recorded_at') }} as recorded_at
    from versions
    where version_rank = 1
)

select * from newest_versions
