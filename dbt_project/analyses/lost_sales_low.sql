{{ metric_lost_sales('lost_rate_low', 'lost_margin_rate_low') }}
