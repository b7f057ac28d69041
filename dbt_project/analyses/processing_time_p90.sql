{{ metric_processing_time(0.9) }}
