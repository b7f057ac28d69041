{{ metric_margin_sell_through('start') }}
