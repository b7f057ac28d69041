{{ metric_margin_sell_through('start_and_received') }}
