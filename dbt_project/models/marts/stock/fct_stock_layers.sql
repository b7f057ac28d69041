{{ config(tags=['fifo']) }}

with layer_pieces as (
    select
        incoming_movement_id,
        outgoing_movement_id,
        origin_movement_id,
        sku,
        location,
        condition,
        currency,
        units,
        unit_cost,
        incoming_at,
        outgoing_at,
        originated_at
    from {{ ref('int_layer_pieces') }}
),

skus as (
    select
        sku,
        category
    from {{ ref('dim_sku') }}
),

company as (
    select base_currency
    from {{ ref('dim_company') }}
),

-- Units that left before they came are owed in between; what came and left at one instant never
-- lay there.
lying as (
    select
        incoming_movement_id,
        outgoing_movement_id,
        origin_movement_id,
        sku,
        location,
        condition,
        currency,
        case
            when incoming_at is null or outgoing_at < incoming_at then -units
            else units
        end as quantity,
        unit_cost,
        originated_at,
        case
            when incoming_at is null or outgoing_at < incoming_at then outgoing_at
            else incoming_at
        end as valid_from,
        case
            when outgoing_at < incoming_at then incoming_at
            when incoming_at is not null then outgoing_at
        end as valid_to
    from layer_pieces
    where
        incoming_at is null
        or outgoing_at is null
        or incoming_at <> outgoing_at
),

stock_layers as (
    select
        lying.incoming_movement_id,
        lying.outgoing_movement_id,
        lying.origin_movement_id,
        lying.sku,
        skus.category,
        lying.location,
        lying.condition,
        lying.currency,
        case
            when lying.currency = company.base_currency then company.base_currency
        end as base_currency,
        lying.quantity,
        lying.unit_cost,
        cast(lying.quantity * lying.unit_cost as decimal(18, 6)) as layer_value,
        {{ business_date('lying.valid_from') }} as valid_from_date,
        {{ business_date("lying.valid_to - interval '1 microsecond'") }} as valid_to_date,
        lying.originated_at,
        lying.valid_from,
        lying.valid_to
    from lying
    cross join company
    left outer join skus
        on lying.sku = skus.sku
)

select * from stock_layers
