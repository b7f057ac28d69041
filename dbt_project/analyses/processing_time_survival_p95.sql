{{ metric_survival(0.95) }}
