{{ metric_survival(0.9) }}
