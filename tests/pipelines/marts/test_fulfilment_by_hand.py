"""Fill, survival, perfect order, errors, stuck orders and carriers, worked out by hand on accounts of one home.

`hand`: a hundred lines of ten units. `shop` and `market`: stages that ended and stages that did not. `post`: twelve
orders past their promise. `queue`: one order that nobody touches. `van`: parcels of two carriers.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.marts import snapshots
from tests.pipelines.marts.fulfilment_rows import FulfilmentRows
from tests.pipelines.marts.homes import build_home, rows, value, values

HAND, POST = {"account": ["hand"]}, {"account": ["post"]}
NOON = "2026-03-02T12:00:00"
EARLIER, LATER = "2026-03-02T11:00:00", "2026-03-03T12:00:00"


def _instant(start: str, **span: float) -> str:
    return (datetime.fromisoformat(start) + timedelta(**span)).isoformat()


def _a_hundred_lines(core: FulfilmentRows) -> None:
    """Twenty orders of five lines of ten units; line 134 is the fourth line of order 13."""
    core.account("hand", channel="counter")
    core.move(1, "MUG", 5000, kind="receive", at="2026-03-01", account="hand")
    lines = {order: [order * 10 + number for number in range(1, 6)] for order in range(1, 21)}
    for order, ids in lines.items():
        core.order(order, placed_at=EARLIER, account="hand", lifecycle="cancelled" if order == 19 else "confirmed")
        for line in ids:
            core.line(line, order, amount="10.00", quantity=10, sku="MUG")
        core.sent_from_here(order, *ids)
    for order in range(1, 13):  # everything was there
        core.decided(order, order, dict.fromkeys(lines[order], 10), at=NOON)
    for order in range(13, 16):  # four of a line's ten units; the rest came a day later
        core.decided(order, order, dict.fromkeys(lines[order][:4], 10) | {lines[order][4]: 4}, at=NOON)
        core.decided(order + 100, order, {lines[order][4]: 6}, at=LATER)
    core.decided(16, 16, {}, at=NOON)  # nothing was there, then everything
    core.decided(116, 16, dict.fromkeys(lines[16], 10), at=LATER)
    core.called_off(171, 10, "fraud suspected", at=NOON)  # nobody tried the other four
    core.called_off(181, 10, "customer changed their mind", at=EARLIER)
    core.decided(18, 18, dict.fromkeys(lines[18][1:], 10), at=NOON)
    for line in lines[19]:  # given up before anybody tried
        core.called_off(line, 10, "out of stock", at=EARLIER)
    core.called_off(201, 3, "the buyer wants fewer", at=EARLIER)
    core.decided(20, 20, dict.fromkeys(lines[20][1:], 10) | {201: 7}, at=NOON)


def _stages(core: FulfilmentRows) -> None:
    """Days from approval to shipping: in `shop` six ended and four open, in `market` eleven to twenty days."""
    for number, days in enumerate((1, 2, 3, 3, 5, 8), start=1):
        _shipped(core, 1000 + number, "shop", days)
    for number, approved in enumerate(("2026-03-29", "2026-03-27", "2026-03-25", "2026-03-01"), start=1):
        core.order(1100 + number, placed_at="2026-02-28", account="shop")
        core.reached(1100 + number, "approved", at=approved)  # open for 2, 4, 6 and 30 days
    core.order(1199, placed_at="2026-03-31", account="shop")  # the last that was heard of the shop
    core.account("market", channel="marketplace")
    for days in range(11, 21):
        _shipped(core, 1200 + days, "market", days)


def _shipped(core: FulfilmentRows, order: int, account: str, days: int) -> None:
    core.order(order, placed_at="2026-02-28", account=account)
    core.reached(order, "approved", at="2026-03-01")
    core.reached(order, "shipped", at=_instant("2026-03-01", days=days))


def _promises(core: FulfilmentRows) -> None:
    """Twelve orders due on 10 April and two that are not; 2006 and 2009 are late, 2007 never came."""
    core.account("post", channel="mail")
    for order in range(2001, 2015):
        core.order(
            order, placed_at="2026-04-01", account="post", lifecycle="cancelled" if order == 2013 else "confirmed"
        )
        core.line(order * 10, order, amount="10.00", quantity=2, sku="MUG")
        core.reached(order, "promised", at="2026-05-10" if order == 2012 else "2026-04-10")
        if order not in {2012, 2013}:
            core.reached(order, "shipped", at="2026-04-05")
        if order not in {2007, 2012, 2013}:
            core.reached(order, "delivered", at="2026-04-11" if order in {2006, 2009} else "2026-04-10T23:59:59")
    for order in (2008, 2009):
        core.called_off(order * 10, 1, "sold out", at="2026-04-02")
    core.called_off(20140, 1, "the customer needs one only", at="2026-04-02")
    core.complained(3001, "O-2010", "arrived broken", at="2026-04-12", account="post")
    core.complained(3002, "O-2011", "invoice missing", at="2026-04-12", account="post")
    core.complained(3003, "O-2011", "faulty.broken", at="2026-04-13", account="post")
    core.complained(3004, "O-2001", "changed_mind.not_needed", at="2026-04-13", account="post")
    core.order(2099, placed_at="2026-04-20", account="post")  # the last that was heard of the account


def _a_queue(core: FulfilmentRows) -> None:
    """Twenty orders are shipped one to twenty hours after approval; 4021 waits for two hours, 4022 for ten days."""
    core.account("queue", channel="phone")
    for hours in range(1, 21):
        core.order(4000 + hours, placed_at="2026-04-01", account="queue")
        core.reached(4000 + hours, "approved", at="2026-04-01")
        core.reached(4000 + hours, "shipped", at=_instant("2026-04-01", hours=hours))
    for order, approved in ((4021, "2026-04-10T22:00:00"), (4022, "2026-04-01")):
        core.order(order, placed_at="2026-04-01", account="queue")
        core.reached(order, "approved", at=approved)
    core.order(4099, placed_at="2026-04-11", account="queue")


def _parcels(core: FulfilmentRows) -> None:
    """`swift` takes one to twenty days and promised ten; `slow` takes thirty, and one of its three is under way."""
    core.account("van", channel="fax")
    core.account("quiet", channel="fax")
    for number in range(1, 24):
        order, is_swift = 5000 + number, number <= 20
        core.order(order, placed_at="2026-03-01", account="van")
        core.sent_from_here(order)
        core.reached(order, "promised", at="2026-03-11")
        arrived = _instant("2026-03-01", days=number if is_swift else 30)
        open_one = number == 23
        core.parcel(
            number, order, "swift" if is_swift else "slow", left="2026-03-01", arrived=None if open_one else arrived
        )
    core.order(5101, placed_at="2026-03-01", account="quiet")
    core.line(51010, 5101, amount="10.00", quantity=2, sku="MUG")


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of this module."""
    core = FulfilmentRows(time_zone="UTC")
    for chapter in (_a_hundred_lines, _stages, _promises, _a_queue, _parcels):
        chapter(core)
    home = tmp_path_factory.mktemp("ledger")
    result = build_home(home, core)
    assert result.failed_tests == ()
    return home


# --- fill, back-order, cancellation ----------------------------------------------------------------


def test_the_first_try_of_a_hundred_lines_fills_what_was_there(ledger: Path) -> None:
    # Units: 600 of 600, 132 of 150, 0 of 50, 40 of 40, 0 of 50 given up, 47 of 47. Order 17 was never tried.
    assert value(ledger, "units_tried", where=HAND) == 937
    assert value(ledger, "units_filled_first_time", where=HAND) == 819
    assert value(ledger, "unit_fill_rate", where=HAND) == Decimal("0.874066")
    # Lines: 60 + 12 + 0 + 4 + 0 + 5 of 60 + 15 + 5 + 4 + 5 + 5.
    assert value(ledger, "line_fill_rate", where=HAND) == Decimal("0.861702")  # 81 of 94
    assert value(ledger, "order_fill_rate", where=HAND) == Decimal("0.736842")  # 14 of 19


def test_lines_short_at_their_first_try_stay_backordered_whatever_came_later(ledger: Path) -> None:
    (row,) = rows(ledger, "backorder_rate", where=HAND)

    assert (row["numerator"], row["denominator"], row["value"]) == (13, 94, Decimal("0.138298"))


def test_an_account_that_sends_its_goods_elsewhere_has_no_fill_rate(ledger: Path) -> None:
    for name in ("unit_fill_rate", "line_fill_rate", "order_fill_rate", "backorder_rate", "touchless_rate"):
        assert value(ledger, name, where={"account": ["quiet"]}) is None, name


def test_causes_of_cancellation_have_all_ordered_lines_below_them(ledger: Path) -> None:
    found = {
        row["cause"]: (row["numerator"], row["denominator"])
        for row in rows(ledger, "cancellation_rate", by=["cause"], where=HAND)
    }

    assert found == {
        "customer": (1, 100),
        "fraud": (1, 100),
        "merchant": (0, 100),
        "other": (0, 100),
        "out_of_stock": (5, 100),
        "unknown": (0, 100),
    }
    assert value(ledger, "cancellation_rate", where=HAND) == Decimal("0.07")
    assert value(ledger, "cancellation_rate", where=HAND | {"cause": ["customer", "fraud"]}) == Decimal("0.02")


def test_cancellations_keep_their_reason_as_given(ledger: Path) -> None:
    assert values(ledger, "cancellations", "reason", by=["reason"], where=HAND) == {
        "customer changed their mind": 1,
        "fraud suspected": 1,
        "out of stock": 5,
    }


# --- survival --------------------------------------------------------------------------------------


def test_open_orders_make_the_median_longer_than_the_ended_ones_alone(ledger: Path) -> None:
    """S(1) = 9/10, S(2) = ·8/9, S(3) = ·5/7 = 0.571, S(5) = ·3/4 = 0.429, S(8) = ·1/2 = 0.214; ended: 1 2 3 3 5 8."""
    asked = {"stage": ["approved_to_shipped"], "account": ["shop"]}

    assert value(ledger, "processing_time_survival_p50", where=asked) == 5
    assert value(ledger, "processing_time", where=asked) == 3


def test_a_quantile_that_the_estimate_never_reaches_is_blank(ledger: Path) -> None:
    asked = {"stage": ["approved_to_shipped"], "account": ["shop"]}

    assert value(ledger, "processing_time_survival_p90", where=asked) is None


def test_without_open_orders_the_estimate_is_the_sample_quantile(ledger: Path) -> None:
    asked = {"stage": ["approved_to_shipped"], "channel": ["marketplace"]}

    assert value(ledger, "processing_time_survival_p50", where=asked) == 15  # the fifth of ten
    assert value(ledger, "processing_time_survival_p90", where=asked) == 19
    assert value(ledger, "processing_time_survival_p95", where=asked) == 20


def test_accounts_together_have_an_estimate_of_their_own_and_parts_of_them_none(ledger: Path) -> None:
    """Of March: S falls to 11/20·… = 0.676 by the eighth day, then by 10/11, 9/10, 8/9: 0.492 on the thirteenth."""
    march = {"stage": ["approved_to_shipped"], "start": "2026-03-01", "end": "2026-03-31"}
    asked = {"where": {"stage": march.pop("stage")}, **march}

    assert value(ledger, "processing_time_survival_p50", **asked) == 13
    by_account = values(ledger, "processing_time_survival_p50", "account", by=["account"], **asked)
    assert by_account == {"shop": 5, "market": 15}


# --- promises --------------------------------------------------------------------------------------


def test_orders_past_their_promise_are_due_whether_they_came_or_not(ledger: Path) -> None:
    (row,) = rows(ledger, "on_time_in_full_rate", where=POST)

    assert (row["numerator"], row["denominator"]) == (8, 12)  # late: 2006, 2007, 2009; short: 2008, 2009


def test_losses_of_the_perfect_order_fill_up_to_one(ledger: Path) -> None:
    perfect = rows(ledger, "perfect_order_rate", where=POST)[0]
    losses = {row["cause"]: row for row in rows(ledger, "perfect_order_losses", by=["cause"], where=POST)}

    assert (perfect["numerator"], perfect["denominator"]) == (6, 12)
    assert {cause: row["numerator"] for cause, row in losses.items()} == {
        "in_full": 2,  # 2008, and 2009 which is late as well
        "on_time": 2,
        "documents": 1,  # 2011, which came broken as well
        "condition": 1,
    }
    assert {row["denominator"] for row in losses.values()} == {12}
    assert perfect["numerator"] + sum(row["numerator"] for row in losses.values()) == 12
    assert value(ledger, "perfect_order_losses", where=POST) == Decimal("0.5")


def test_the_product_of_the_component_rates_is_another_number(ledger: Path) -> None:
    names = ("in_full", "on_time", "documents", "condition")
    parts = [rows(ledger, f"perfect_order_{name}_rate", where=POST)[0]["numerator"] for name in names]

    assert parts == [10, 9, 11, 10]
    assert value(ledger, "perfect_order_index", where=POST) == Decimal("0.477431")  # 9900 of 12⁴


def test_every_error_has_its_evidence_and_an_order_counts_once(ledger: Path) -> None:
    (total,) = rows(ledger, "order_error_rate", where=POST)
    by_cause = values(ledger, "order_error_rate", "cause", by=["cause"], where=POST)

    assert (total["numerator"], total["denominator"]) == (2, 12)
    assert by_cause["damage"] == Decimal("0.166667")
    assert by_cause["document"] == Decimal("0.083333")
    assert by_cause["wrong_item"] == 0
    with snapshots.cursor(snapshots.open_snapshot(ledger).path) as running:
        evidence = running.execute(
            "select order_id, cause, evidence_kind, evidence_key from marts.fct_order_errors order by evidence_key"
        ).fetchall()
    assert evidence == [
        (2010, "damage", "return_line", "3001"),
        (2011, "document", "return_line", "3002"),
        (2011, "damage", "return_line", "3003"),
    ]


# --- reports ---------------------------------------------------------------------------------------


def test_a_planted_stuck_order_surfaces_and_a_fresh_one_does_not(ledger: Path) -> None:
    """22 entered the stage; 20 ended after 1 to 20 hours, so at most a tenth is left after 19 hours."""
    with snapshots.cursor(snapshots.open_snapshot(ledger).path) as running:
        found = running.execute(
            "select order_id, stage, age_days, p90_days, p90_basis, sample_size"
            " from reports.rpt_fulfilment_stuck_orders where account = 'queue'"
        ).fetchall()

    assert found == [(4022, "approved_to_shipped", Decimal(10), Decimal("0.791667"), "survival", 22)]


def test_a_carrier_with_few_deliveries_is_shown_and_not_ranked(ledger: Path) -> None:
    with snapshots.cursor(snapshots.open_snapshot(ledger).path) as running:
        found = running.execute(
            "select carrier, shipment_count, delivered_count, under_way_count, due_count, on_time_count,"
            " transit_days_p50, transit_days_p90, is_ranked from reports.rpt_fulfilment_carriers order by carrier"
        ).fetchall()

    assert found == [
        ("slow", 3, 2, 1, 3, 0, Decimal(30), Decimal(30), False),
        ("swift", 20, 20, 0, 20, 10, Decimal("10.5"), Decimal("18.1"), True),
    ]
