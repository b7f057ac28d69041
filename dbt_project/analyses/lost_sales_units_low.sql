{{ metric_lost_sales_units('lost_rate_low') }}
