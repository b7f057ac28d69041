{{ metric_margin_sell_through('received') }}
