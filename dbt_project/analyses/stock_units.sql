{{ metric_stock_at_end('quantity', is_money=false) }}
