{{ metric_stage_sums('case when stage_microseconds < 0 then 1 else 0 end', is_mean=false) }}
