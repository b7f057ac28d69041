{{ metric_perfect_order_losses() }}
