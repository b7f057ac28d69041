with versions as (
    select
        movement_id,
        reverses_id,
        account,
        sku,
        location,
        condition,
        kind,
        order_account,
        order_external_id,
        document_kind,
        document_ref,
        currency,
        quantity,
        unit_cost,
        cost_scale,
        occurred_at,
        row_number() over (
            partition by movement_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'stock_movement') }}
),

newest_versions as (
    select
        movement_id,
        reverses_id as reverses_movement_id,
        account,
        sku,
        location,
        condition,
        kind as movement_kind,
        order_account,
        order_external_id,
        document_kind,
        document_ref,
        currency,
        quantity,
        {{ scaled_decimal('unit_cost', 'cost_scale') }} as unit_cost,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from versions
    where version_rank = 1
)

select * from newest_versions
