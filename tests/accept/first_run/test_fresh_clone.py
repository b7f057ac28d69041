"""Show 1: a fresh clone, an empty environment, one command: the sample company is on screen, and said so."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

pytestmark = pytest.mark.accept
_PATIENCE_SECONDS = 1_200


def test_make_run_on_a_fresh_clone_ends_with_the_screens_answering(tmp_path):
    clone = tmp_path / "ordersight"
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
    port = _free_port()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PORT": str(port)}
    log = tmp_path / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _until_it_answers(f"http://127.0.0.1:{port}/health", process, log)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            landed = page.url
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)

    said = log.read_text(encoding="utf-8")
    assert landed.endswith("/overview")
    assert f"http://localhost:{port}/" in said
    truth = json.loads((clone / "var" / "demo" / "truth.json").read_text(encoding="utf-8"))
    orders = sum(sum(states.values()) for states in truth["order_states"].values())
    assert f"{orders:,} orders with" in said
    assert f"{truth['returns']['total']['documents']:,} returns" in said
    assert f"{len(truth['faulty_rows'])} faulty rows in quarantine" in said
    assert not subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, check=True).stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")[-4_000:]
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server on this machine
                assert answer.status == 200
                return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    pytest.fail(log.read_text(encoding="utf-8")[-4_000:])
