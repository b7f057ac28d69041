"""Real homes for the screens: a small sample company loaded and built the ordinary way, once a session.

Nothing of ours is replaced: pages run over these homes in-process (`AppTest`) or behind the real server.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

REPOSITORY = Path(__file__).resolve().parents[2]
APP = REPOSITORY / "dashboards" / "app.py"
OPERATOR = {"uid": "local", "role": "ops_lead"}


def run_oms(home: Path, *arguments: str) -> None:
    """Run `oms` on a home; fail with its messages."""
    environment = {**os.environ, "OMS_HOME": str(home)}
    environment.pop("OMS_DATABASE_URL", None)
    command = [sys.executable, "-m", "pipelines.cli.main", *arguments]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small sample company, loaded and built."""
    home = tmp_path_factory.mktemp("screens") / "sample"
    run_oms(home, "demo", "--no-serve", "--size", "small")
    return home


@pytest.fixture(scope="session")
def unbuilt_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same core, nothing ever built."""
    home = tmp_path_factory.mktemp("screens") / "unbuilt"
    home.mkdir()
    for file in sample_home.glob("core.db*"):
        shutil.copy(file, home)
    return home


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which nothing ever happened."""
    return tmp_path_factory.mktemp("screens") / "empty"


MAP = """
name: two_currencies
title: {en: Two currencies, zh: 两种货币}
kind: channel
file: order_lines
encoding: utf-8
delimiter: ","
decimal: "."
time_zone: company
account: {name: corner, channel: web, title: "*Corner* [shop](http://elsewhere.example)", moves_stock: false}
columns:
  order_id: order
  line_id: line
  sku: sku
  title: title
  quantity: {column: quantity, type: integer}
  unit_price: {column: price, type: decimal}
  currency: currency
  placed_at: {column: placed, format: "%Y-%m-%d", date_only: start_of_day}
group: [order_id]
key: [order_id, line_id]
"""
LINES = """order,line,sku,title,quantity,price,currency,placed
A-1,1,MUG,:material/delete: **bold** $x$,2,5.00,EUR,2026-03-02
A-2,1,TEA,Tea,1,7.50,GBP,2026-03-03
"""


@pytest.fixture(scope="session")
def two_currency_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two orders in two currencies without a rate, no stock records, and titles that look like markup."""
    folder = tmp_path_factory.mktemp("screens")
    (folder / "map.yml").write_text(MAP, encoding="utf-8")
    (folder / "lines.csv").write_text(LINES, encoding="utf-8")
    home = folder / "home"
    run_oms(home, "init", "--time-zone", "Europe/London")
    run_oms(home, "feed", "load", "table", str(folder / "lines.csv"), "--map", str(folder / "map.yml"))
    run_oms(home, "build")
    return home


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page in-process by its address: `open_page(home, "overview", language="zh", ov_period="7d")`."""

    def opened(home: Path, page: str, *, language: str = "en", role: str = "ops_lead", **query: str) -> AppTest:
        monkeypatch.setenv("OMS_HOME", str(home))
        monkeypatch.delenv("OMS_DATABASE_URL", raising=False)
        at = AppTest.from_file(str(APP), default_timeout=60)
        at.user = OPERATOR | {"role": role}
        at.run()
        for name, text in {"lang": language, **query}.items():
            at.query_params[name] = text
        at.switch_page(f"screens/{page}.py")
        return at.run()

    return opened


class Server:
    """The screens' real process on a port of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.port}"
        environment = {**os.environ, "OMS_HOME": str(home)}
        command = [sys.executable, "-m", "dashboards.asgi", "--port", str(self.port)]
        self.log = home.parent / f"{home.name}-{self.port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment, cwd=REPOSITORY, stdout=log, stderr=subprocess.STDOUT
            )

    def wait(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.base}/health", timeout=2):  # noqa: S310 - our own server
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="session")
def server(sample_home: Path) -> Iterator[Server]:
    """The screens over the sample home."""
    serving = Server(sample_home)
    serving.wait()
    yield serving
    serving.stop()
