"""`oms serve`: prints an address that answers, brings back what died, ends without leaving anything behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from pipelines.cli import serve

REPOSITORY = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path, port: int, *more: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "OMS_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "pipelines.cli.main", "serve", "--port", str(port), *more]
    process = subprocess.Popen(
        command, env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(40)
        if process.stdout:
            process.stdout.close()


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def test_it_serves_publishes_brings_back_what_died_and_ends_clean(unbuilt_home: Path, tmp_path: Path):
    port = free_port()
    home = shutil.copytree(unbuilt_home, tmp_path / "home")
    with serving(home, port) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "answers at" in line)
        assert re.search(rf"http://localhost:{port}/", line)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/overview", timeout=20) as answer:
            assert answer.status == 200
        supervisor = psutil.Process(process.pid)
        wait_until(lambda: len(supervisor.children()) == 2)
        screens = next(child for child in supervisor.children() if "dashboards.asgi" in child.cmdline())

        wait_until((home / "marts" / "CURRENT").exists)
        screens.kill()
        wait_until(lambda: not serve.is_healthy(port))
        wait_until(lambda: serve.is_healthy(port))

        family = supervisor.children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0
        psutil.wait_procs(family, timeout=5)
        assert [member for member in family if member.is_running()] == []
        assert not serve.is_healthy(port)


def test_a_taken_port_is_told_with_exit_code_3(empty_home: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])

        with serving(empty_home, port, "--no-scheduler") as process:
            output, _ = process.communicate(timeout=60)

    assert process.returncode == 3
    assert "PORT_TAKEN" in output
    assert str(port) in output
    assert "Traceback" not in output


def test_a_child_that_dies_again_waits_longer_up_to_a_minute():
    child = serve.Child("nothing", [sys.executable, "-c", "raise SystemExit(7)"])
    pauses = []
    for _ in range(8):
        child.start()
        assert child.process is not None
        child.process.wait()
        pauses.append(child.pause_seconds)
        child.tend()

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
