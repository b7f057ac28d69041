"""Runs `allocation_bench` under `make bench`, at a small size; it prints and judges nothing."""

import json

import pytest

from tests.bench.allocation_bench import measure


@pytest.mark.bench
def test_what_orders_and_their_allocation_cost() -> None:
    print(json.dumps(measure(orders=2_000, interactive=800), indent=2))  # noqa: T201 - the figures are the result
