{{ metric_order_cycle_time() }}
