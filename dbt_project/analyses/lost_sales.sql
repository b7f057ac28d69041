{{ metric_lost_sales('lost_rate', 'lost_margin_rate') }}
