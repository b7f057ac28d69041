"""How old each layer may grow before someone is told. The shop's facts arrive by the minute, decisions by the day."""

from datetime import timedelta

import dagster as dg

RAW = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=2))
MODELS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=2))
PUBLISHED = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=2))
