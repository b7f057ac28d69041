"""A build in a process of its own that need not load Dagster, dbt and MetricFlow first.

The scheduler preloads this module into a fork server, so each build starts with them in memory (they take five seconds
to load), its memory ends with it, and a crash of one touches nobody else.
"""

import importlib
import multiprocessing
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from typing import Any

from oms_core.settings import Settings
from pipelines.assets.build import build

_HEAVY = (
    "dagster",
    "dbt.cli.main",
    "dbt.adapters.duckdb.connections",
    "metricflow.engine.metricflow_engine",
    "pipelines.definitions",
)
_IS_PRELOADED = multiprocessing.current_process().name == "MainProcess" and "multiprocessing.forkserver" in sys.modules

if _IS_PRELOADED:  # in the fork server alone: whoever only starts a build never needs them
    for _name in _HEAVY:
        importlib.import_module(_name)


def start_build(settings: Settings) -> BaseProcess:
    """Start a build of the home; the process ends with 0 when a snapshot was published."""
    way = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context: Any = multiprocessing.get_context(way)  # what a context has differs by the way
    if way == "forkserver":
        context.set_forkserver_preload(["pipelines.warm_build"])
    child: BaseProcess = context.Process(target=_build, args=(settings,), name="build")
    child.start()
    return child


def _build(settings: Settings) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the scheduler hears it and ends the build itself
    os.environ["OMS_HOME"] = str(settings.home)
    os.environ["OMS_DATABASE_URL"] = settings.database_url
    result = build(settings)
    sys.exit(0 if result.snapshot else 1)
