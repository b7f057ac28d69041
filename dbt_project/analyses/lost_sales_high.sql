{{ metric_lost_sales('lost_rate_high', 'lost_margin_rate_high') }}
