"""Too many, too few, damaged: what a receipt means for the order's line."""

import pytest

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.receipts import Arrival, arrival, require_sound, require_within_tolerance, state_event


def test_a_receipt_is_split_into_what_was_due_and_what_is_too_much():
    assert arrival(ordered=10, cancelled=0, received_before=4, quantity=4) == Arrival(due=4, over=0, still_open=2)
    assert arrival(ordered=10, cancelled=2, received_before=4, quantity=6) == Arrival(due=4, over=2, still_open=0)
    assert arrival(ordered=10, cancelled=0, received_before=12, quantity=1) == Arrival(due=0, over=1, still_open=0)


def test_one_in_twenty_more_is_taken_in_without_asking():
    require_within_tolerance("MUG", ordered=100, received=105)

    with pytest.raises(RuleViolationError) as refused:
        require_within_tolerance("MUG", ordered=100, received=106)

    assert refused.value.code == "OVER_RECEIPT"


@pytest.mark.parametrize(("quantity", "damaged"), [(0, 0), (-1, 0), (5, 6), (5, -1)])
def test_quantities_that_make_no_sense_are_refused(quantity, damaged):
    with pytest.raises(InvalidRequestError) as refused:
        require_sound("MUG", quantity=quantity, damaged=damaged)

    assert refused.value.code == "QUANTITY_WRONG"


def test_an_order_is_received_when_every_line_is_complete():
    assert state_event([(10, 0, 10), (5, 2, 3)]) == "receive"
    assert state_event([(10, 0, 10), (5, 0, 3)]) == "receive_part"
