{{ metric_stage_sums('stage_microseconds', is_mean=true) }}
