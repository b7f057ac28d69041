"""The scheduler as a process of its own, started by `oms serve`: `python -m pipelines.cli.scheduler`.

Only signals and settings here; when a build runs is decided in `pipelines.schedules`.
"""

import signal
import threading

from oms_core.settings import Settings


def main() -> None:
    """Run until SIGINT or SIGTERM; a build under way is ended first."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    from pipelines.schedules import run_scheduler  # loads Dagster, seconds: signals must already be heard

    run_scheduler(Settings.from_environment(), stop)


if __name__ == "__main__":
    main()
