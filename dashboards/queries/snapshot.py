"""The published snapshot the pages read, and how old it is."""

from datetime import UTC, datetime
from functools import cache

from oms_core.settings import Settings
from pipelines.marts.snapshots import Snapshot, current_snapshot


@cache
def settings() -> Settings:
    """This process's home and database, read from the environment once."""
    return Settings.from_environment()


def current() -> Snapshot | None:
    """The newest published snapshot, None when nothing was ever published."""
    return current_snapshot(settings().home)


def age_seconds(snapshot: Snapshot) -> float:
    """How long ago the snapshot was published."""
    return (datetime.now(UTC) - snapshot.published_at).total_seconds()
