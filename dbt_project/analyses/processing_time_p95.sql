{{ metric_processing_time(0.95) }}
