"""The empty cores that tests of the build copy."""

from tests.cores import empty_database, empty_home

__all__ = ["empty_database", "empty_home"]
