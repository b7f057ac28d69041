"""What the environment says, read once at the edge: where a home lies and which database holds its core."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """One home: everything a run writes lies under `home`; two homes never meet."""

    home: Path
    database_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """OMS_HOME (default ./var) and OMS_DATABASE_URL (default SQLite under the home)."""
        home = Path(environment.get("OMS_HOME") or "var").absolute()
        return cls.at(home, database_url=environment.get("OMS_DATABASE_URL") or None)

    @classmethod
    def at(cls, home: Path, *, database_url: str | None = None) -> "Settings":
        """Settings for a given home."""
        return cls(home=home, database_url=database_url or f"sqlite:///{home / 'core.db'}")
