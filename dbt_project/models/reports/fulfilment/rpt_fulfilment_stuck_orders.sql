with orders as (
    select
        order_id,
        account,
        channel,
        location,
        status,
        is_fulfilled_here
    from {{ ref('fct_fulfilment_orders') }}
),

stage_ages as (
    {{ stage_ages(['order_id', 'channel', 'location', 'status', 'seen_until']) }}
),

place_ages as (
    select
        order_id,
        stage,
        channel,
        coalesce(location, '') as location,
        status,
        age_minutes,
        has_ended,
        entered_at,
        seen_until
    from stage_ages
    where stage not in ('placed_to_shipped', 'placed_to_delivered')
),

{{ survival_quantile('of_place', 'place_ages', ['stage', 'channel', 'location'], 0.9) }},

ended_stages as (
    select
        stage,
        channel,
        location,
        percentile_disc(0.9) within group (order by age_minutes) as ended_minutes
    from place_ages
    where has_ended = 1
    group by stage, channel, location
),

-- Of an order sent from here the finer stages tell where it stands, not the one that spans them.
open_stages as (
    select
        place_ages.order_id,
        place_ages.stage,
        place_ages.channel,
        place_ages.location,
        place_ages.age_minutes,
        place_ages.entered_at,
        place_ages.seen_until,
        row_number() over (
            partition by place_ages.order_id
            order by place_ages.entered_at desc, place_ages.stage asc
        ) as stage_rank
    from place_ages
    inner join orders
        on place_ages.order_id = orders.order_id
    where
        place_ages.has_ended = 0
        and place_ages.status not in ('cancelled', 'closed')
        and not (orders.is_fulfilled_here and place_ages.stage = 'approved_to_shipped')
),

stuck_orders as (
    select
        open_stages.order_id,
        orders.account,
        open_stages.channel,
        orders.location,
        orders.status,
        open_stages.stage,
        case when of_place.quantile_minutes is null then 'ended' else 'survival' end as p90_basis,
        cast(of_place.sample_size as bigint) as sample_size,
        cast(open_stages.age_minutes / 1440.0 as decimal(18, 6)) as age_days,
        cast(
            coalesce(of_place.quantile_minutes, ended_stages.ended_minutes) / 1440.0
            as decimal(18, 6)
        ) as p90_days,
        open_stages.entered_at,
        open_stages.seen_until
    from open_stages
    inner join orders
        on open_stages.order_id = orders.order_id
    inner join of_place
        on
            open_stages.stage = of_place.stage
            and open_stages.channel = of_place.channel
            and open_stages.location = of_place.location
    left outer join ended_stages
        on
            open_stages.stage = ended_stages.stage
            and open_stages.channel = ended_stages.channel
            and open_stages.location = ended_stages.location
    where
        open_stages.stage_rank = 1
        and open_stages.age_minutes
        > coalesce(of_place.quantile_minutes, ended_stages.ended_minutes)
)

select * from stuck_orders
