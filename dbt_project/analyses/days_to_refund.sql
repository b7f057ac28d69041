{{ metric_return_days_to_refund(0.9) }}
