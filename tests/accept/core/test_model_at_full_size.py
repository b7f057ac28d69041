"""Show 1 at full size: the core against the plain model, long histories, many of them, on both databases."""

import os

import pytest

from tests.cores import BOTH
from tests.oms_core.model.test_company_machine import run_machine

pytestmark = pytest.mark.accept
_EXAMPLES = int(os.environ.get("OMS_MODEL_EXAMPLES", "150"))


@pytest.mark.parametrize("kind", BOTH)
def test_long_histories_are_what_the_plain_model_says(kind, request):
    assert run_machine(kind, request, examples=_EXAMPLES, steps=60, shrinks=True) >= 25
