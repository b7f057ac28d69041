with orders as (
    select
        order_id,
        account,
        channel,
        location,
        status,
        is_fulfilled_here,
        placed_at,
        approved_at,
        allocated_at,
        released_at,
        packed_at,
        left_at,
        shipped_at,
        seen_until
    from {{ ref('fct_fulfilment_orders') }}
    where status not in ('cancelled', 'closed') and delivered_at is null
),

stage_ages as (
    {{ stage_ages(['channel', 'location']) }}
),

place_ages as (
    select
        stage,
        channel,
        coalesce(location, '') as location,
        age_minutes,
        sum(has_ended) as ended,
        count(*) as seen
    from stage_ages
    where stage not in ('placed_to_shipped', 'placed_to_delivered')
    group by stage, channel, coalesce(location, ''), age_minutes
),

{{ survival_quantile('of_place', 'place_ages', ['stage', 'channel', 'location'], 0.9) }},

ended_ages as (
    select
        stage,
        channel,
        location,
        age_minutes,
        ended,
        ended as seen
    from place_ages
    where ended > 0
),

{{ survival_quantile('of_ended', 'ended_ages', ['stage', 'channel', 'location'], 0.9) }},

-- Of an order sent from here the finer stages tell where it stands; the spanning one where a part
-- of it has left already.
standing_orders as (
    select
        order_id,
        account,
        channel,
        location,
        status,
        case
            when shipped_at is not null then 'shipped_to_delivered'
            when left_at is not null then 'approved_to_shipped'
            when packed_at is not null then 'packed_to_left'
            when released_at is not null then 'released_to_packed'
            when allocated_at is not null then 'allocated_to_released'
            when approved_at is null then 'placed_to_approved'
            when is_fulfilled_here then 'approved_to_allocated'
            else 'approved_to_shipped'
        end as stage,
        case
            when shipped_at is not null then shipped_at
            when left_at is not null then approved_at
            when packed_at is not null then packed_at
            when released_at is not null then released_at
            when allocated_at is not null then allocated_at
            when approved_at is null then placed_at
            else approved_at
        end as entered_at,
        seen_until
    from orders
),

open_stages as (
    select
        order_id,
        account,
        channel,
        location,
        status,
        stage,
        entered_at,
        seen_until,
        {{ whole_minutes('entered_at', 'seen_until') }} as age_minutes
    from standing_orders
    where entered_at is not null
),

stuck_orders as (
    select
        open_stages.order_id,
        open_stages.account,
        open_stages.channel,
        open_stages.location,
        open_stages.status,
        open_stages.stage,
        case when of_place.quantile_minutes is null then 'ended' else 'survival' end as p90_basis,
        cast(of_place.sample_size as bigint) as sample_size,
        cast(open_stages.age_minutes / 1440.0 as decimal(18, 6)) as age_days,
        cast(
            coalesce(of_place.quantile_minutes, of_ended.quantile_minutes) / 1440.0
            as decimal(18, 6)
        ) as p90_days,
        open_stages.entered_at,
        open_stages.seen_until
    from open_stages
    inner join of_place
        on
            open_stages.stage = of_place.stage
            and open_stages.channel = of_place.channel
            and coalesce(open_stages.location, '') = of_place.location
    left outer join of_ended
        on
            open_stages.stage = of_ended.stage
            and open_stages.channel = of_ended.channel
            and coalesce(open_stages.location, '') = of_ended.location
    where
        {{ cut_age('open_stages.age_minutes') }}
        > coalesce(of_place.quantile_minutes, of_ended.quantile_minutes)
)

select * from stuck_orders
