"""Runs `build_bench` under `make bench`; it prints and judges nothing."""

import json

import pytest

from tests.bench.build_bench import SIZES, main


@pytest.mark.bench
def test_what_a_build_costs() -> None:
    print(json.dumps(main(SIZES), indent=2))  # noqa: T201 - the figures are the result
