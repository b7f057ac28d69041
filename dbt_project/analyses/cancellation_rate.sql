{{ metric_cancellation_rate() }}
