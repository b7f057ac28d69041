"""The world that tests of the database's own refusals share: after each of them nothing has changed."""

import pytest

from tests.core_rows import fill_every_table


@pytest.fixture(scope="module")
def filled(module_core):
    """A core with a row in every table (`tests/core_rows.py`)."""
    fill_every_table(module_core)
    return module_core
