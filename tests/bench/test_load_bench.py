"""Runs `load_bench` under `make bench`; it prints and judges nothing."""

import json

import pytest

from tests.bench.load_bench import SIZES, measure


@pytest.mark.bench
def test_what_a_load_costs(shared_data) -> None:
    print(json.dumps(measure(SIZES), indent=2))  # noqa: T201 - the figures are the result
