{{ metric_out_of_stock_rate_demand() }}
