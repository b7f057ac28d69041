"""When a build runs: a Dagster schedule for those who run Dagster, a small loop for `oms serve`.

The loop starts a build in a process of its own whenever the core changed since the last published snapshot: its
memory ends with it, and a crash of one cannot take the screens down.
"""

import os
import threading

import dagster as dg

from oms_core.domain.errors import OmsError
from oms_core.services.company import settings_of
from oms_core.services.live import has_changes_since, open_core, reading
from oms_core.settings import Settings
from oms_core.storage.export import export_session
from pipelines.marts.snapshots import current_snapshot
from pipelines.warm_build import start_build

DEFAULT_INTERVAL_SECONDS = 60.0
_STOP_WAIT_SECONDS = 10.0

build_job = dg.define_asset_job(
    "build",
    selection=dg.AssetSelection.all(),
    description="Core changes to a published snapshot.",
    executor_def=dg.in_process_executor,
)


def build_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every hour of the business day, in the company's zone."""
    return dg.ScheduleDefinition(
        name="hourly_build",
        job=build_job,
        cron_schedule="5 * * * *",
        execution_timezone=company_zone(settings),
        description="Builds five minutes past every hour in the company's zone.",
    )


def company_zone(settings: Settings) -> str:
    """The company's zone; UTC while the home is not ready."""
    engine = open_core(settings)
    try:
        with reading(engine) as connection:
            return settings_of(connection).time_zone
    except Exception:  # noqa: BLE001 - the definitions must load before `oms init` as well
        return "UTC"
    finally:
        engine.dispose()


def run_scheduler(settings: Settings, stop: threading.Event) -> None:
    """Build whenever the core changed, until `stop` is set; looks every OMS_BUILD_INTERVAL seconds (default 60)."""
    interval = float(os.environ.get("OMS_BUILD_INTERVAL") or DEFAULT_INTERVAL_SECONDS)
    tried: int | None = None
    while not stop.is_set():
        mark = pending_mark(settings, tried=tried)
        if mark is not None:
            tried = mark
            _build_in_child(settings, stop)
        stop.wait(interval)


def pending_mark(settings: Settings, *, tried: int | None = None) -> int | None:
    """The core's high mark when it holds something to build, else none; none too while the core cannot be read.

    Something to build is a change since the published snapshot, and since `tried`: what failed to build is tried
    again when the core changes, not every minute.
    """
    published = current_snapshot(settings.home)
    marks = [mark for mark in (published.high_mark if published else None, tried) if mark is not None]
    engine = open_core(settings)
    try:
        with export_session(engine) as session:
            high_mark = session.high_mark
        with reading(engine) as connection:
            is_pending = not marks or has_changes_since(connection, max(marks))
    except OmsError:
        return None
    finally:
        engine.dispose()
    return high_mark if is_pending else None


def _build_in_child(settings: Settings, stop: threading.Event) -> None:
    child = start_build(settings)
    while child.is_alive():
        if stop.wait(0.2):
            child.terminate()
            child.join(_STOP_WAIT_SECONDS)
            return
