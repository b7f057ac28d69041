{{ metric_out_of_stock_hours() }}
