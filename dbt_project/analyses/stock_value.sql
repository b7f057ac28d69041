{{ metric_stock_at_end('stock_value', is_money=true) }}
