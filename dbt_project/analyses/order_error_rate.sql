{{ metric_order_error_rate() }}
