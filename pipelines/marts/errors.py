"""Errors of the analytics side.

OmsError
├── RuleViolationError
│   └── NoSnapshotError      NO_SNAPSHOT: nothing published yet, or the asked snapshot is gone
└── AnalyticsError           a build could not run or finish; the last good snapshot stays
    ├── BuildRunningError    BUILD_RUNNING
    └── SnapshotUnsoundError SNAPSHOT_UNSOUND: the new file failed its checks and was not published
"""

from oms_core.domain.errors import OmsError, RuleViolationError


class NoSnapshotError(RuleViolationError):
    """Nothing has been published yet, or the asked snapshot is no longer kept."""


class AnalyticsError(OmsError):
    """A build could not run or finish; nothing was published."""


class BuildRunningError(AnalyticsError):
    """Another process is building this home."""


class SnapshotUnsoundError(AnalyticsError):
    """The new snapshot does not hold what it must; nothing was published."""
