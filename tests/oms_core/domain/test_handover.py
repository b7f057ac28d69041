"""Hand-over codes: six digits of which nothing readable is kept, and few tries."""

import pytest

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.handover import KeptCode, check_kept, keep, new_code, opens

SALT = bytes(range(16))


def test_a_code_has_six_digits_whatever_the_number():
    assert new_code(lambda below: 42) == "000042"
    assert new_code(lambda below: below - 1) == "999999"


def test_the_right_code_opens_and_blanks_do_not_matter():
    kept = keep("004217", SALT)
    assert opens("004217", kept, tries_left=5, shipment="S-1")
    assert opens("004 217", kept, tries_left=1, shipment="S-1")
    assert not opens("004218", kept, tries_left=5, shipment="S-1")


def test_what_is_kept_says_nothing_of_the_code_and_differs_by_salt():
    kept = keep("004217", SALT)
    assert "004217" not in kept.salt + kept.code_hash
    assert keep("004217", SALT[::-1]).code_hash != kept.code_hash
    check_kept(kept)


def test_after_the_last_try_even_the_right_code_is_refused():
    with pytest.raises(RuleViolationError) as refused:
        opens("004217", keep("004217", SALT), tries_left=0, shipment="S-1")
    assert refused.value.code == "HANDOVER_LOCKED"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６"])
def test_what_is_no_code_is_refused_before_it_costs_a_try(code):
    with pytest.raises(InvalidRequestError) as refused:
        opens(code, keep("004217", SALT), tries_left=5, shipment="S-1")
    assert refused.value.code == "CODE_MALFORMED"


def test_a_short_salt_is_refused():
    with pytest.raises(InvalidRequestError, match="SALT_SHORT"):
        keep("004217", b"pepper")


@pytest.mark.parametrize("kept", [KeptCode("", ""), KeptCode("zz" * 16, "00" * 32), KeptCode("00" * 16, "00")])
def test_what_no_code_was_kept_as_is_refused(kept):
    with pytest.raises(InvalidRequestError, match="CODE_MALFORMED"):
        check_kept(kept)
