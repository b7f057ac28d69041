"""Card numbers are never stored: what looks like one is refused, references of providers are not."""

import pytest

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.payment_references import check_reference, looks_like_a_card_number


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "pi_4242424242424242",
        "4111111111111111 12/27",
        "paid with 378282246310005 on Monday",
        "6212345678901232",
        "４１１１１１１１１１１１１１１１",
    ],
)
def test_a_card_number_is_found_however_it_is_written(text):
    assert looks_like_a_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # fails the Luhn check
        "4200001234202603021234567890",  # WeChat Pay, 28 digits
        "2026030222001412345678901234",  # Alipay, 28 digits
        "ch_3PqX2eZvKYlo2C1gABCD1234",
        "INV-2026-000123",
        "dea5e5dc-5c42-4114-9368-819efa3c05a7",  # its digits beside each other would pass
        "411111111111",  # too short
        "",
    ],
)
def test_a_reference_of_a_provider_is_no_card_number(text):
    assert not looks_like_a_card_number(text)


def test_a_card_number_in_any_text_is_refused():
    check_reference("ch_1", "a note", None)
    with pytest.raises(InvalidRequestError, match="CARD_DATA_REFUSED"):
        check_reference("ch_1", "card 4111 1111 1111 1111")


def test_the_refusal_does_not_repeat_the_number():
    with pytest.raises(InvalidRequestError) as refused:
        check_reference("4111111111111111")

    assert "4111" not in f"{refused.value} {refused.value.details}"


@pytest.mark.parametrize("reference", ["", "  "])
def test_an_event_without_a_reference_is_refused(reference):
    with pytest.raises(InvalidRequestError, match="REFERENCE_MISSING"):
        check_reference(reference)
