"""The lock file on which writers of one SQLite database queue before BEGIN IMMEDIATE.

SQLite's own waiting is unfair, and so is one lock that everybody polls: whoever has just given it back is the first
to ask again. The file therefore has places, one byte each: the last place is where a newcomer asks, byte 0 is the
right to write, and a writer holds its place until it has the next one. Nobody overtakes within the queue, a dead
process leaves every place it held, and a lock that nobody wants costs a few system calls. Figures: docs/benchmarks.md.
"""

import contextlib
import struct
import threading
import time
from pathlib import Path
from typing import IO, Any

from oms_core.domain.errors import StorageUnavailableError

try:
    import fcntl
except ImportError:  # Windows: BEGIN IMMEDIATE alone keeps writers apart
    fcntl = None  # type: ignore[assignment]

_PLACES = 8
_POLL_SECONDS = 0.0002  # who is next asks this often: less than a commit takes
_POLL_SECONDS_PER_PLACE = 0.003  # further back it is not urgent, and asking costs the writer processor time


class WriterLock:
    """The queue of one database, as seen by one process; safe between its threads."""

    def __init__(self, path: Path, wait_seconds: float) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._holders: dict[int, tuple[IO[bytes] | None, int]] = {}

    def acquire(self, dbapi: Any) -> None:
        """Take the lock for this connection; nothing happens when it holds it already.

        Raises:
            StorageUnavailableError: DATABASE_BUSY after `wait_seconds`; every place in the queue was left.
        """
        key = id(dbapi)
        if key in self._holders:
            return
        thread = threading.get_ident()
        if any(holder == thread for _, holder in self._holders.values()):
            message = "a write transaction was begun inside another one of the same thread"
            raise RuntimeError(message)
        self._holders[key] = (self._locked_file() if fcntl is not None else None, thread)

    def release(self, dbapi: Any) -> None:
        """Give the lock back, if this connection holds it."""
        handle, _ = self._holders.pop(id(dbapi), (None, 0))
        if handle is not None:
            handle.close()

    def _locked_file(self) -> IO[bytes]:
        deadline = time.monotonic() + self._wait_seconds
        with contextlib.ExitStack() as on_failure:
            handle = on_failure.enter_context(self._path.open("ab"))
            for place in range(_PLACES, -1, -1):
                while not _taken(handle, place):
                    if time.monotonic() > deadline:
                        raise StorageUnavailableError(
                            "DATABASE_BUSY",
                            f"another process has been writing for {self._wait_seconds:.0f} s",
                            remedy="Try again; if it stays so, look for a stopped process that holds the lock file.",
                        )
                    time.sleep(_POLL_SECONDS + place * _POLL_SECONDS_PER_PLACE)
                if place < _PLACES:
                    _leave(handle, place + 1)
            on_failure.pop_all()
        return handle


def _taken(handle: IO[bytes], place: int) -> bool:
    """Whether this open file has the place now. The lock belongs to the open file, so threads keep apart as well."""
    try:
        if hasattr(fcntl, "F_OFD_SETLK"):
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _one_byte(fcntl.F_WRLCK, place))
        elif place == 0:  # a system that locks whole files only has no queue
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _leave(handle: IO[bytes], place: int) -> None:
    if hasattr(fcntl, "F_OFD_SETLK"):
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _one_byte(fcntl.F_UNLCK, place))


def _one_byte(kind: int, place: int) -> bytes:
    """The flock structure: kind, whence, start, length, and the process number, which such a lock leaves 0."""
    return struct.pack("hhqqi4x", kind, 0, place, 1, 0)
