"""The cores that tests of feeds load files into."""

from tests.cores import core, core_settings, empty_database, empty_home, postgres_core, sqlite_core, sqlite_settings

__all__ = [
    "core",
    "core_settings",
    "empty_database",
    "empty_home",
    "postgres_core",
    "sqlite_core",
    "sqlite_settings",
]
