"""Runs the dbt project in this process and keeps everything dbt writes under the home.

Belongs here: paths, environment, parse, build, compile, and dbt's results as plain values. Importing dbt takes
seconds, so it happens inside the methods.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"
_SOURCES = (".sql", ".yml", ".md", ".csv")


class DbtFailedError(Exception):
    """dbt could not run at all: the project does not parse or the file cannot be opened."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What dbt says about one node: `status` is success, pass, warn, fail, error, skipped or no-op."""

    unique_id: str
    status: str
    message: str
    failures: int
    seconds: float


@dataclass(frozen=True, slots=True)
class PostgresTarget:
    """A PostgreSQL database to build the models in; its raw tables lie there already. Needs dbt-postgres."""

    url: str

    def environment(self) -> dict[str, str]:
        """What `profiles.yml` reads; the socket's folder may stand in the query, as libpq takes it."""
        url = sa.make_url(self.url)
        return {
            "OMS_POSTGRES_HOST": str(url.host or url.query.get("host") or "localhost"),
            "OMS_POSTGRES_PORT": str(url.port or 5432),
            "OMS_POSTGRES_USER": str(url.username or ""),
            "DBT_ENV_SECRET_POSTGRES_PASSWORD": str(url.password or ""),
            "OMS_POSTGRES_DATABASE": str(url.database or ""),
        }


@dataclass(frozen=True, slots=True)
class DbtProject:
    """The project as one home runs it: the models are shared, paths and caches are the home's own.

    The home's DuckDB file is the target of every build; `postgres` builds the same models in a PostgreSQL database.
    """

    home: Path
    project_dir: Path = PROJECT_DIR
    postgres: PostgresTarget | None = None

    def content_hash(self) -> str:
        """Hash of every file that defines models, tests and metrics; a new hash means new numbers are possible."""
        digest = hashlib.sha256()
        for path in sorted(self.project_dir.rglob("*")):
            if path.suffix in _SOURCES and path.is_file():
                digest.update(str(path.relative_to(self.project_dir)).encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    @property
    def target_dir(self) -> Path:
        """Where dbt writes and finds its artifacts, by content of the project."""
        return self.home / "cache" / ("dbt-postgres" if self.postgres else "dbt") / self.content_hash()

    def parse(self) -> Any:
        """The manifest; a parse of an unchanged project reuses the home's last one."""
        self._forget_older_projects()
        return self._invoke(["parse"], manifest=None, variables={}).result

    def build(self, manifest: Any, *, variables: Mapping[str, str], unit_tests: bool = False) -> list[NodeResult]:
        """Run models and data tests in their order; a failed test keeps what depends on its model from running.

        Unit tests check the models' logic on rows of their own, so they belong to the test suite, not to every build.
        """
        left_out = [] if unit_tests else ["--exclude-resource-type", "unit_test"]
        return self.results_of(["build", *left_out], manifest, variables=variables)

    def results_of(self, command: list[str], manifest: Any, *, variables: Mapping[str, str]) -> list[NodeResult]:
        """What dbt says about each node that a command of its own (run, test, build …) chose."""
        response = self._invoke(command, manifest=manifest, variables=variables)
        return [
            NodeResult(
                unique_id=result.node.unique_id,
                status=str(result.status),
                message=str(result.message or ""),
                failures=int(result.failures or 0),
                seconds=float(result.execution_time),
            )
            for result in response.result.results
        ]

    def compile_analyses(self, manifest: Any, *, variables: Mapping[str, str]) -> dict[str, str]:
        """SQL of every analysis by name, as dbt renders it."""
        response = self._invoke(
            ["compile", "--select", "resource_type:analysis"], manifest=manifest, variables=variables
        )
        return {result.node.name: str(result.node.compiled_code) for result in response.result.results}

    def semantic_manifest(self) -> str:
        """The semantic manifest as JSON text, as the last parse wrote it."""
        return (self.target_dir / "semantic_manifest.json").read_text(encoding="utf-8")

    def _forget_older_projects(self) -> None:
        """Keep the artifacts of this project and of the one before it; each content of the project has a folder."""
        others = [path for path in self.target_dir.parent.glob("*") if path != self.target_dir]
        for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-1]:
            shutil.rmtree(path, ignore_errors=True)

    def _invoke(self, arguments: list[str], *, manifest: Any, variables: Mapping[str, str]) -> Any:
        with self._environment():
            from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - takes seconds
            from dbt.cli.main import dbtRunner  # noqa: PLC0415 - the same

            places = {
                "--project-dir": self.project_dir,
                "--profiles-dir": self.project_dir,
                "--target-path": self.target_dir,
                "--log-path": self.home / "logs",
                "--target": "postgres" if self.postgres else "duckdb",
            }
            flags = ["--no-use-colors", "--log-level", "none", "--no-version-check"]
            options = [text for name, path in places.items() for text in (name, str(path))]
            given = ["--vars", json.dumps(dict(variables))] if variables else []
            response = dbtRunner(manifest=manifest).invoke([*flags, *arguments, *options, *given])
            connections: Any = DuckDBConnectionManager  # dbt publishes no types
            connections.close_all_connections()  # or the file stays open
        if response.exception is not None:
            raise DbtFailedError(str(response.exception)) from response.exception
        return response

    @contextlib.contextmanager
    def _environment(self) -> Iterator[None]:
        wanted = {
            "OMS_ANALYTICS_FILE": str(self.home / "analytics.duckdb"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            **(self.postgres.environment() if self.postgres else {}),
        }
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
