"""`oms serve`: starts the screens and the scheduler as processes of their own and keeps them running.

The supervisor knows nothing of pages or assets: it starts, waits for health, restarts what died, and stops.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import click

from oms_core.domain.errors import OmsError
from pipelines.cli.output import Exit, say

_HOST: Final = "127.0.0.1"
_HEALTH_WAIT_SECONDS: Final = 90.0  # a cold start on a busy two-core machine took 30 s
_POLL_SECONDS: Final = 0.25
_STOP_WAIT_SECONDS: Final = 10.0
_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 60.0
_STEADY_SECONDS: Final = 300.0  # a child that ran this long starts its pauses anew


class ServeError(OmsError):
    """The screens could not be served."""


@dataclass(slots=True)
class Child:
    """One process under supervision, with its pause before the next start."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float | None = None
    pause_seconds: float = _FIRST_PAUSE_SECONDS
    starts: int = field(default=0)

    def start(self) -> None:
        """Start the process in a session of its own, so that a terminal's Ctrl-C reaches only the supervisor."""
        self.process = subprocess.Popen(  # noqa: S603 - our own modules, no shell
            self.command, start_new_session=True, stdin=subprocess.DEVNULL
        )
        self.started_at = time.monotonic()
        self.start_again_at = None
        self.starts += 1

    def tend(self) -> None:
        """Start again a process that died, after a pause that doubles up to a minute."""
        now = time.monotonic()
        if self.start_again_at is not None:
            if now >= self.start_again_at:
                self.start()
            return
        if self.process is None or self.process.poll() is None:
            return
        if now - self.started_at >= _STEADY_SECONDS:
            self.pause_seconds = _FIRST_PAUSE_SECONDS
        say(f"The {self.name} ended with code {self.process.returncode}; starting again in {self.pause_seconds:.0f} s.")
        self.start_again_at = now + self.pause_seconds
        self.pause_seconds = min(self.pause_seconds * 2, _LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        """End the process: ask, wait, then insist."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(_STOP_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def require_free_port(port: int) -> None:
    """Raise ServeError PORT_TAKEN when something listens on the port already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT counts as free
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise ServeError(
                "PORT_TAKEN",
                f"port {port} cannot be opened ({error.strerror})",
                remedy="Stop what uses it, or choose another with --port.",
                port=port,
            ) from error


def is_healthy(port: int) -> bool:
    """Whether the screens answer."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for_health(screens: Child, port: int, stopping: threading.Event) -> None:
    """Return when the screens answer; raise ServeError SCREENS_FAILED when they end or stay silent."""
    deadline = time.monotonic() + _HEALTH_WAIT_SECONDS
    while not stopping.is_set():
        if is_healthy(port):
            return
        code = screens.process.poll() if screens.process else None
        if code is not None or time.monotonic() > deadline:
            reason = f"the screens ended with code {code}" if code is not None else "the screens do not answer"
            raise ServeError("SCREENS_FAILED", reason, remedy="The messages above say why.")
        stopping.wait(_POLL_SECONDS)


def supervise(children: Sequence[Child], stopping: threading.Event) -> None:
    """Tend the children until told to stop."""
    while not stopping.wait(_POLL_SECONDS):
        for child in children:
            child.tend()


@click.command("serve")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port of the screens.")
@click.option("--no-scheduler", is_flag=True, help="Serve the screens only; build by hand with `oms build`.")
def serve_command(port: int, no_scheduler: bool) -> int:  # noqa: FBT001 - click passes options by name
    """Serve the screens on this machine and keep the snapshot fresh, until Ctrl-C.

    Binds to 127.0.0.1 only. Exit code 3 when the port is taken or the screens do not start.
    """
    require_free_port(port)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    screens = Child("screens", [sys.executable, "-m", "dashboards.asgi", "--port", str(port)])
    children = [screens]
    if not no_scheduler:
        children.append(Child("scheduler", [sys.executable, "-m", "pipelines.cli.scheduler"]))
    try:
        screens.start()
        wait_for_health(screens, port, stopping)
        if not stopping.is_set():
            click.echo(f"OrderSight answers at http://localhost:{port}/ (Ctrl-C ends it).")
            for child in children[1:]:
                child.start()
            supervise(children, stopping)
    finally:
        for child in reversed(children):
            child.stop()
    return Exit.DONE
