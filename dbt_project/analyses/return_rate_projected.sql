{{ metric_return_rate_projected() }}
