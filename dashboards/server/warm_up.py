"""Warm-up: imports and first queries done before the first reader comes, who would wait seconds for them."""

import logging

from dashboards.language import LANGUAGES, Speaker
from dashboards.queries.snapshot import current
from pipelines.marts.metrics import list_metrics

_LOG = logging.getLogger("ordersight.screens")


def warm_up() -> None:
    """Load the chart engine, the locales and the snapshot. A home without a snapshot is no fault here."""
    import plotly.graph_objects  # noqa: F401, PLC0415 - imported for its cost, 0.5 s

    for language in LANGUAGES:
        speaker = Speaker(language)
        speaker.money(1, "EUR")
        speaker.age(3600)
    try:
        snapshot = current()
        if snapshot is not None:
            list_metrics(snapshot)
    except Exception:  # noqa: BLE001 - the page itself says what is wrong; serving must start all the same
        _LOG.exception("warm-up without data")
