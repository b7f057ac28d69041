"""`build`: the whole graph in this process, without a server, one build of a home at a time."""

import contextlib
import os
import sys
import time
from dataclasses import dataclass

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine
from oms_core.storage.export import export_session
from pipelines.marts.errors import AnalyticsError, BuildRunningError
from pipelines.resources import file_lock

LOCK_FILE = "build.lock"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did.

    `snapshot`: id of the published one, none when tests failed; `rows`: appended to raw tables; `failed_tests`: names
    of tests that found rows.
    """

    snapshot: str | None
    seconds: float
    rows: int
    tests_passed: int
    tests_failed: int
    failed_tests: tuple[str, ...] = ()


def build(settings: Settings, *, full: bool = False) -> BuildResult:
    """Load the core's changes, build and test the models, publish a snapshot.

    A failed test publishes nothing and is told in the result. `full` reads the core from the beginning.

    Raises:
        BuildRunningError: BUILD_RUNNING, another process builds this home.
        AnalyticsError: BUILD_FAILED, a step broke; the last good snapshot stays.
        StorageUnavailableError: the core is not ready.
    """
    started = time.monotonic()
    _require_core(settings)
    try:
        with file_lock.held(settings.home / LOCK_FILE):
            return _run(settings, full=full, started=started)
    except file_lock.LockTakenError as error:
        raise BuildRunningError(
            "BUILD_RUNNING",
            f"another build of {settings.home} is running",
            remedy="Wait until it ends, then try again.",
        ) from error


def _require_core(settings: Settings) -> None:
    engine = open_engine(settings)
    try:
        with export_session(engine):
            pass
    finally:
        engine.dispose()


def _run(settings: Settings, *, full: bool, started: float) -> BuildResult:
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    with contextlib.redirect_stdout(sys.stderr):  # neither Dagster nor dbt may write into a JSON answer
        import dagster as dg  # noqa: PLC0415 - takes seconds, and only a build needs it

        from pipelines.assets.journal import BuildJournal  # noqa: PLC0415 - imports Dagster
        from pipelines.definitions import CHECKS, asset_graph, resources_for  # noqa: PLC0415 - imports Dagster

        journal = BuildJournal(full=full)
        resources = {**resources_for(settings), "journal": journal}
        failure: BaseException | None = None
        with dg.DagsterInstance.ephemeral() as instance:
            try:
                dg.materialize(
                    [*asset_graph(resources["dbt"]), *CHECKS],
                    instance=instance,
                    resources=resources,
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                )
            except Exception as error:  # noqa: BLE001 - told to the caller with its cause, whatever it was
                failure = error
    if failure is not None and (not journal.failed_tests or journal.broken_models):
        raise _explained(failure) from failure
    return BuildResult(
        snapshot=journal.snapshot_id,
        seconds=round(time.monotonic() - started, 3),
        rows=sum(journal.rows.values()),
        tests_passed=len(journal.passed_tests),
        tests_failed=len(journal.failed_tests),
        failed_tests=tuple(result.unique_id.split(".", 2)[-1] for result in journal.failed_tests),
    )


def _explained(failure: BaseException) -> BaseException:
    if isinstance(failure, AnalyticsError):
        return failure
    reason = str(getattr(failure, "description", None) or failure) or type(failure).__name__
    return AnalyticsError(
        "BUILD_FAILED", reason, remedy="The last good snapshot stays; mend the cause and build again."
    )
