{{ metric_margin_gmroi() }}
