{{ metric_survival(0.5) }}
