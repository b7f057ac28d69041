{{ metric_turnover('quantity', 'quantity', is_money=false) }}
