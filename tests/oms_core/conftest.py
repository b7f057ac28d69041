"""The cores that tests of the core ask for."""

from tests.cores import (
    core,
    core_settings,
    empty_database,
    empty_home,
    module_core,
    postgres_core,
    sqlite_core,
    sqlite_settings,
)

__all__ = [
    "core",
    "core_settings",
    "empty_database",
    "empty_home",
    "module_core",
    "postgres_core",
    "sqlite_core",
    "sqlite_settings",
]
