{{ metric_perfect_order_index() }}
