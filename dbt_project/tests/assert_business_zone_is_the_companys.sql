-- A failing row is a company whose business dates were computed in another zone than its own.
with company as (
    select
        business_zone,
        '{{ var("business_zone") }}' as zone_in_use
    from {{ ref('dim_company') }}
)

select * from company
where business_zone <> zone_in_use
