"""Locks on files that end with their process, whatever ends it. Used by the build and by readers' leases."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


class LockTakenError(Exception):
    """Another holder has the lock, in a way that excludes ours."""


def acquire(path: Path, *, shared: bool = False) -> IO[str]:
    """Take the lock on a file without waiting, making the file if need be; closing the handle gives it back.

    Raises:
        LockTakenError: someone holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("a", encoding="utf-8")
    if sys.platform == "win32":  # an open file cannot be removed there; one build at a time is up to the operator
        return handle
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise LockTakenError(str(path)) from error
    return handle


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock alone for the length of a block; raises LockTakenError at once if it is taken."""
    handle = acquire(path)
    try:
        yield
    finally:
        handle.close()
