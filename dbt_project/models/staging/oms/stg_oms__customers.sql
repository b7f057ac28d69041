with versions as (
    select
        customer_id,
        account,
        row_number() over (
            partition by customer_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'customer') }}
),

newest_versions as (
    select
        customer_id,
        account
    from versions
    where version_rank = 1
)

select * from newest_versions
