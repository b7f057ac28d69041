"""Two small companies with facts whose numbers are worked out by hand in the tests."""

from pathlib import Path

import pytest

from tests.pipelines.marts.core_rows import CoreRows
from tests.pipelines.marts.homes import build_home


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sales and returns of a London shop, base currency EUR, with one order whose rate nobody knew."""
    core = CoreRows(time_zone="Europe/London", base_currency="EUR")
    core.account("shop", channel="web")
    core.account("market", channel="marketplace", moves_stock=False)
    core.sku("MUG", category="cups")
    core.sku("POT", category="pots")
    # Order 1: 00:30 on Sunday 29 March in London is the minute before clocks go forward; Monday week of 23 March.
    core.order(1, placed_at="2026-03-29T00:30:00+00:00", currency="EUR", country="DE", base=("EUR", "1"), customer_id=7)
    core.line(11, 1, amount="20.00", quantity=4, cancelled=1, sku="MUG")
    core.line(12, 1, amount="10.00", quantity=1, sku="POT")
    core.line(13, 1, amount="4.90", kind="shipping")
    core.line(14, 1, amount="0.00", quantity=1, sku="POT")
    core.line(15, 1, amount="0.00", quantity=-3, sku="MUG", kind="write_off")
    core.line(16, 1, amount="99.00", kind="adjustment")
    core.line(17, 1, amount="50.00", quantity=2, cancelled=2, sku="MUG")
    # Order 2: 23:30 UTC on 29 March is 00:30 on Monday 30 March in London.
    core.order(2, placed_at="2026-03-29T23:30:00+00:00", currency="USD", country="US", base=("EUR", "0.5"))
    core.line(21, 2, amount="30.01", quantity=3, sku="MUG")
    # Order 3 was cancelled, order 4 has only a write-off.
    core.order(3, placed_at="2026-04-01T10:00:00", currency="EUR", base=("EUR", "1"), lifecycle="cancelled")
    core.line(31, 3, amount="500.00", quantity=5, sku="POT")
    core.order(4, placed_at="2026-04-02T10:00:00", currency="EUR", base=("EUR", "1"))
    core.line(41, 4, amount="0.00", quantity=-1, sku="POT", kind="write_off")
    # Order 6 is alive, but nothing of its only line is left.
    core.order(6, placed_at="2026-04-02T10:00:00", currency="EUR", country="FR", base=("EUR", "1"))
    core.line(61, 6, amount="70.00", quantity=3, cancelled=3, sku="POT")
    # Order 5: no rate known.
    core.order(5, placed_at="2026-05-04T10:00:00", currency="JPY", account="market", country="JP")
    core.line(51, 5, amount="1500", quantity=2, sku="POT", scale=0)
    # Returns: linked, unlinked, by date of return.
    core.returned(1, at="2026-04-03T10:00:00", amount="5.00", sku="MUG", order="O-1", base=("EUR", "1"))
    dollars = {"currency": "USD", "base": ("EUR", "0.5")}
    core.returned(2, at="2026-04-30T22:59:59", amount="10.00", quantity=2, sku="MUG", **dollars)  # type: ignore[arg-type]
    core.returned(3, at="2026-04-30T23:00:00", amount="2.00", kind="shipping", base=("EUR", "1"))
    core.returned(4, at="2026-04-03T10:00:00", amount="7.00", kind="adjustment", base=("EUR", "1"))
    home = tmp_path_factory.mktemp("shop")
    build_home(home, core)
    return home


@pytest.fixture(scope="session")
def stockroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two locations in UTC over ten days from 1 January 2026, with a movement at noon and a change of cost."""
    core = CoreRows(time_zone="UTC")
    core.account("shop")
    core.location("main")
    core.location("side")
    for sku, category in (("MUG", "cups"), ("POT", "pots"), ("IDLE", "pots"), ("BARE", None)):
        core.sku(sku, category=category)
    core.cost("MUG", "2.00", valid_from="2026-01-01")
    core.cost("MUG", "3.00", valid_from="2026-01-06")
    core.cost("POT", "10.00", valid_from="2026-01-01")
    core.cost("IDLE", "1.00", valid_from="2026-01-01")
    core.move(1, "MUG", 10, kind="opening", at="2026-01-01")
    core.move(2, "MUG", -4, kind="ship", at="2026-01-03T12:00:00")
    core.move(3, "MUG", -6, kind="ship", at="2026-01-08")
    core.move(4, "POT", 5, kind="receive", at="2026-01-05", location="side")
    core.move(5, "POT", -2, kind="ship", at="2026-01-06", location="side")
    core.move(6, "POT", 2, kind="ship", at="2026-01-09", location="side", reverses=5)
    core.move(7, "IDLE", 7, kind="opening", at="2026-01-01")
    core.observe(1, "MUG", 0, at="2026-01-10T23:59:59.999999")
    core.observe(2, "POT", 5, at="2026-01-02T23:59:59.999999", location="side")
    home = tmp_path_factory.mktemp("stockroom")
    build_home(home, core)
    return home
