"""An order as a JSON object: every entry typed, every unknown or unfit one named."""

import pytest

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.order_requests import Address, NewCharge, NewCustomer, NewLine, NewPayment, PlaceOrder
from oms_core.domain.order_text import parse_added, parse_order

WHOLE = {
    "account": "shop",
    "number": "1001",
    "placed_at": "2026-03-02T13:00:00+01:00",
    "currency": "EUR",
    "lines": [
        {"sku": "MUG", "quantity": 2, "unit_price": "9.995", "tax_rate": "0.19", "title": "Mug"},
        {"key": "s", "kind": "shipping", "quantity": 1, "unit_price": 5, "discount": "0.5", "tax": "0.80"},
    ],
    "prices_include_tax": True,
    "customer": {"reference": "C-1", "name": "Ada"},
    "ship_to": {"name": "Ada", "street": "Hauptstr. 1", "country": "DE"},
    "payment_terms": "prepaid",
    "payments": [{"method": "card", "kind": "authorize", "amount": "25.00", "provider": "psp", "provider_ref": "r1"}],
    "charges": [{"kind": "discount", "amount": "1", "code": "ONE"}],
    "delivery_method": "express",
    "priority": 3,
    "source_total": "24.49",
    "note": "Ring twice",
}


def test_a_whole_order_is_read_at_the_most_digits_it_needs():
    assert parse_order(WHOLE) == PlaceOrder(
        account="shop",
        number="1001",
        placed_at=1_772_452_800_000_000,
        currency="EUR",
        lines=(
            NewLine("1", "MUG", 2, 9995, "item", "Mug", 0, 190_000, None),
            NewLine("s", None, 1, 5000, "shipping", None, 500, None, 800),
        ),
        money_scale=3,
        prices_include_tax=True,
        customer=NewCustomer("C-1", "Ada"),
        ship_to=Address(name="Ada", street="Hauptstr. 1", country="DE"),
        payment_terms="prepaid",
        payments=(NewPayment("card", "authorize", 2500, "psp", "r1"),),
        charges=(NewCharge("discount", 1000, "ONE"),),
        delivery_method="express",
        priority=3,
        source_total=2449,
        note="Ring twice",
    )


def test_amounts_are_at_the_digits_of_the_currency_at_least():
    yen = {**WHOLE, "currency": "JPY", "lines": [{"sku": "MUG", "quantity": 1, "unit_price": 500}], "charges": []}
    few = {name: yen[name] for name in ("account", "number", "placed_at", "currency", "lines")}

    assert (parse_order(few).money_scale, parse_order(few).lines[0].unit_price) == (0, 500)
    assert parse_order({**few, "currency": "EUR"}).lines[0].unit_price == 50_000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account": ""}, "account"),
        ({"account": 7}, "account"),
        ({"colour": "red"}, "the order"),
        ({"placed_at": "2026-03-02T12:00:00"}, "placed_at"),
        ({"placed_at": "yesterday"}, "placed_at"),
        ({"lines": {}}, "lines"),
        ({"lines": ["MUG"]}, "line 1"),
        ({"lines": [{"sku": "MUG", "quantity": "2", "unit_price": "1"}]}, "quantity"),
        ({"lines": [{"sku": "MUG", "quantity": True, "unit_price": "1"}]}, "quantity"),
        ({"lines": [{"sku": "MUG", "quantity": 2, "unit_price": 1.5}]}, "unit_price"),
        ({"lines": [{"sku": "MUG", "quantity": 2, "unit_price": "1,5"}]}, "unit_price"),
        ({"lines": [{"sku": "MUG", "quantity": 2}]}, "unit_price"),
        ({"lines": [{"sku": "MUG", "quantity": 2, "unit_price": "1", "tax_rate": "0.1900001"}]}, "tax_rate"),
        ({"lines": [{"sku": "MUG", "quantity": 2, "unit_price": "1", "price": "1"}]}, "line 1"),
        ({"payments": [{"method": "card", "amount": "1.005", "provider": "p", "provider_ref": "r"}]}, "amount"),
        ({"prices_include_tax": "yes"}, "prices_include_tax"),
        ({"customer": {"name": "Ada"}}, "reference"),
        ({"ship_to": {"planet": "Mars"}}, "ship_to"),
        ({"source_total": "1.001"}, "source_total"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(changes, field):
    with pytest.raises(InvalidRequestError) as refusal:
        parse_order({**WHOLE, **changes})

    assert (refusal.value.code, refusal.value.details["field"]) == ("ORDER_INVALID", field)


@pytest.mark.parametrize("document", [None, [], "order", 7])
def test_what_is_no_object_is_refused(document):
    with pytest.raises(InvalidRequestError, match="must be an object"):
        parse_order(document)


def test_lines_to_add_have_keys_and_their_own_digits():
    scale, lines = parse_added([{"key": "9", "sku": "CUP", "quantity": 1, "unit_price": "4.50"}])

    assert (scale, lines) == (2, (NewLine("9", "CUP", 1, 450),))
    assert parse_added([]) == (0, ())
    with pytest.raises(InvalidRequestError, match="key: must be given"):
        parse_added([{"sku": "CUP", "quantity": 1, "unit_price": "4.50"}])
