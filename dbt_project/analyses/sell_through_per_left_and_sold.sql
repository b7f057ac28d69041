{{ metric_margin_sell_through('left_and_sold') }}
