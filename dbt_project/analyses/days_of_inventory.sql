{{ metric_turnover('movement_cost', 'stock_value', is_money=true, is_days=true) }}
