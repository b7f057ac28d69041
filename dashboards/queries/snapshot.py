"""The published snapshot the pages read, and how old it is."""

from datetime import UTC, datetime

from oms_core.settings import Settings
from pipelines.marts.snapshots import Snapshot, current_snapshot


def settings() -> Settings:
    """The home and database of this process."""
    return Settings.from_environment()


def current() -> Snapshot | None:
    """The newest published snapshot, None when nothing was ever published."""
    return current_snapshot(settings().home)


def age_seconds(snapshot: Snapshot) -> float:
    """How long ago the snapshot was published."""
    return (datetime.now(UTC) - snapshot.published_at).total_seconds()
