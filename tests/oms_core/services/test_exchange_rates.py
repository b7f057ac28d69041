"""The base amount of a payment is fixed when it happens: a later rate changes no past number."""

import pytest

from oms_core.services.exchange_rates import SetRate, set_rate
from oms_core.services.payments_read import payments_of
from oms_core.settings import Settings
from oms_core.storage.engine import reading
from tests.builders import a_line, march, ready_core, rows_of
from tests.money_cases import a_call, pay, refused, sold


@pytest.fixture
def euro_core(tmp_path):
    with ready_core(Settings.at(tmp_path / "euro"), currency="EUR") as core:
        yield core


def a_rate(rate="0.1275", *, day=1, currency="CNY"):
    return SetRate(currency, rate, march(day))


def events(core, reference="shop/A-1"):
    with reading(core) as connection:
        found = payments_of(connection, reference)["events"]
    return [(it["amount"], it["base_amount"], it["base_currency"]) for it in found]


def test_a_payment_keeps_the_rate_of_its_moment(euro_core):
    sold(euro_core, "A-1", a_line(cents=20000), currency="CNY")
    set_rate(euro_core, a_rate("0.1275"), a_call("finance"))
    pay(euro_core, "shop/A-1", "100.00", ref="T1", occurred_at=march(3))

    set_rate(euro_core, a_rate("0.2", day=2), a_call("finance"))
    pay(euro_core, "shop/A-1", "100.00", ref="T2", occurred_at=march(4))

    assert events(euro_core) == [("100.00", "12.75", "EUR"), ("100.00", "20.00", "EUR")]


def test_without_a_rate_the_base_amount_is_blank_and_stays_so(euro_core):
    sold(euro_core, "A-1", currency="CNY")
    pay(euro_core, "shop/A-1", "5.00", occurred_at=march(3))

    set_rate(euro_core, a_rate(), a_call("finance"))

    assert events(euro_core) == [("5.00", None, None)]


def test_the_base_currency_needs_no_rate(euro_core):
    sold(euro_core)
    pay(euro_core, "shop/A-1", "5.00")

    assert events(euro_core) == [("5.00", "5.00", "EUR")]


def test_a_recorded_rate_is_repeated_without_effect_and_never_changed(euro_core):
    set_rate(euro_core, a_rate("0.1275"), a_call("finance"))
    set_rate(euro_core, a_rate("0.12750"), a_call("finance"))

    assert rows_of(euro_core, "select rate, rate_scale from exchange_rate") == [(1275, 4)]
    with refused(euro_core, "RATE_FIXED"):
        set_rate(euro_core, a_rate("0.13"), a_call("finance"))


@pytest.mark.parametrize(
    ("rate", "code"),
    [
        (a_rate("0"), "RATE_INVALID"),
        (a_rate("1,2"), "RATE_INVALID"),
        (a_rate(currency="EUR"), "CURRENCY_UNKNOWN"),
        (a_rate(currency="yuan"), "CURRENCY_UNKNOWN"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused(euro_core, rate, code):
    with refused(euro_core, code):
        set_rate(euro_core, rate, a_call("finance"))


def test_a_company_without_a_base_currency_has_no_rates(sqlite_core):
    with refused(sqlite_core, "BASE_CURRENCY_MISSING"):
        set_rate(sqlite_core, a_rate(), a_call("finance"))


@pytest.mark.parametrize("role", ["support", "ops_lead", "planner", "warehouse"])
def test_who_may_not_set_rates_is_refused(euro_core, role):
    with refused(euro_core, "NOT_PERMITTED"):
        set_rate(euro_core, a_rate(), a_call(role))
