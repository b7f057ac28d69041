"""An empty core to copy, for tests of the command line."""

from tests.cores import empty_database, empty_home, sqlite_settings

__all__ = ["empty_database", "empty_home", "sqlite_settings"]
