"""What we say of each stated fact: reproduced, differs by rule, due later, or not a product number."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from tests.oracles.readme_facts import Cell, Fact, prelude_of

Answer = Callable[["Product"], Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of coverage.md.

    `ours` gives the product's values, `theirs` the stated ones it must equal (default: all of the fact). Where the
    definitions differ, `by_our_rule` computes our rule from the publisher's file, without any code of ours.
    """

    fact: int
    state: str  # reproduced | differs | due | not a product number
    command: str = ""
    ours: Answer | None = None
    theirs: Callable[[Fact], Sequence[Cell]] | None = None
    what: str = ""  # the part of the fact, where a fact has parts with several states
    by_our_rule: str = ""  # SQL on the README's prelude
    reason: str = ""

    def stated(self, fact: Fact) -> list[Cell]:
        """The values that ours are held against."""
        return list(self.theirs(fact) if self.theirs else fact.values)


@dataclass(slots=True)
class Product:
    """A home with the folders loaded and published, asked through the command line; answers are kept."""

    home: Path
    shared: Path
    _answers: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def oms(self, *arguments: str) -> Any:
        """The JSON document of a command."""
        if arguments not in self._answers:
            command = [sys.executable, "-m", "pipelines.cli.main", *arguments, "--json"]
            environment = {**os.environ, "OMS_HOME": str(self.home)}
            environment.pop("OMS_DATABASE_URL", None)
            done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
            self._answers[arguments] = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)
        return self._answers[arguments]

    def kpi(self, command: str) -> list[dict[str, Any]]:
        """The rows of `oms kpi …`."""
        rows: list[dict[str, Any]] = self.oms("kpi", *command.split())["rows"]
        return rows

    def number(self, command: str, part: str = "value") -> Cell:
        """The one value of `oms kpi …`."""
        (row,) = self.kpi(command)
        value: Cell = row[part]
        return value

    def stock(self, at: str) -> list[dict[str, Any]]:
        """The rows of `oms stock --at …`."""
        rows: list[dict[str, Any]] = self.oms("stock", "--at", at)["rows"]
        return rows

    def profile(self, format_name: str, pattern: str) -> dict[str, Any]:
        """What `oms feed profile` says of a file."""
        path = next((self.shared / "data").glob(pattern))
        found: dict[str, Any] = self.oms("feed", "profile", format_name, str(path))["files"][0]
        return found

    def sql(self, folder: str, statement: str) -> list[Cell]:
        """A statement on the README's prelude, run on the publisher's files."""
        with duckdb.connect() as connection:
            connection.execute(f"set file_search_path = '{self.shared / 'data' / folder}'")
            connection.execute(prelude_of(self.shared, folder))
            rows = connection.execute(statement).fetchall()
        return [cell if isinstance(cell, str) else Decimal(str(cell)) for row in rows for cell in row]


def column(profile: dict[str, Any], name: str) -> dict[str, Any]:
    """What a profile says of a source column."""
    return next(it for it in profile["columns"] if it["column"] == name)


def rounded(value: Cell, digits: int) -> Decimal:
    """A quotient as the README rounds it."""
    return round(Decimal(value), digits)
