"""Places where a test ends the process or breaks a transaction. Outside tests a crash point does nothing.

`OMS_CRASHPOINT=NAME` kills the process at that place (SIGKILL, as a power cut would); `armed` holds what a test in this
process wants to happen there.
"""

import os
import signal
from collections.abc import Callable

armed: dict[str, Callable[[], None]] = {}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if _wanted := os.environ.get("OMS_CRASHPOINT"):
    armed[_wanted] = _die


def crashpoint(name: str) -> None:
    """Mark a place. Nothing happens there unless a test armed it."""
    if armed and (action := armed.get(name)):
        action()
