with versions as (
    select
        request_line_id,
        request_id,
        line_id,
        replacement_sku,
        reason,
        quantity,
        received_quantity,
        restocked_quantity,
        scrapped_quantity,
        damaged_quantity,
        sent_back_quantity,
        given_up_quantity,
        row_number() over (
            partition by request_line_id order by change_id desc
        ) as version_rank
    from {{ source('raw_oms', 'return_request_line') }}
),

newest_versions as (
    select
        request_line_id as return_request_line_id,
        request_id as return_request_id,
        line_id as order_line_id,
        replacement_sku,
        reason,
        quantity as requested_quantity,
        received_quantity,
        restocked_quantity,
        scrapped_quantity,
        damaged_quantity,
        sent_back_quantity,
        given_up_quantity
    from versions
    where version_rank = 1
)

select * from newest_versions
