"""The parts pages are made of: changes in words, the timeline, the chart, files for export, foreign text."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dashboards.charts.trend import Line, TrendWords, nice_steps, trend_figure
from dashboards.components.export import csv_file
from dashboards.components.foreign import literal
from dashboards.components.freshness import STALE_AFTER_SECONDS, freshness
from dashboards.components.values import change, single, written, written_rows
from dashboards.language import Speaker
from dashboards.queries.metrics import series
from dashboards.queries.periods import Period
from dashboards.queries.timeline import moments, moved_units, returned_units

SAY = Speaker("en")


@pytest.mark.parametrize(
    ("now", "before", "unit", "better", "text", "judgement"),
    [
        (Decimal(110), Decimal(100), "money", "up", "+10.0%", "better"),
        (90, 100, "orders", "up", "−10.0%", "worse"),
        (Decimal("0.0343"), Decimal("0.0131"), "ratio", "down", "+2.12 pp", "worse"),
        (Decimal("0.01"), Decimal("0.02"), "ratio", "down", "−1.00 pp", "better"),
        (Decimal("100.01"), Decimal(100), "money", "up", "±0.0%", "same"),
        (5, 0, "orders", "up", "from zero", "better"),
        (5, 4, "units", None, "+25.0%", "neutral"),
    ],
)
def test_a_change_is_said_with_its_judgement(now, before, unit, better, text, judgement):
    found = change(SAY, (now, None), (before, None), unit, better)

    assert found is not None
    assert (found.text, found.judgement) == (text, judgement)


def test_a_blank_is_never_a_change_and_never_zero():
    assert change(SAY, None, (3, None), "orders", "up") is None
    assert written(SAY, None, "ratio") == "no data"
    assert written_rows(SAY, [{"value": None, "currency": None}], "money") == "no data"


def test_several_currencies_are_shown_apart_and_never_summed():
    rows = [{"value": Decimal(2), "currency": "EUR"}, {"value": Decimal(3), "currency": "GBP"}]

    assert written_rows(SAY, rows, "money") == "€2.00 · £3.00"
    assert written_rows(SAY, [{"value": Decimal("0.2"), "currency": "EUR"}], "ratio") == "EUR 20.0%"
    assert single(rows) is None
    assert change(SAY, (3, "EUR"), (2, "GBP"), "money", "up") is None


def test_a_line_is_drawn_only_where_it_is_honest():
    period = Period(date(2026, 6, 1), date(2026, 6, 3))
    one, three = ({"day": f"2026-06-0{day}", "value": Decimal(day)} for day in (1, 3))

    assert series([one, three], period, "day") == [1.0, 0.0, 3.0]
    assert series([one | {"denominator": 2}, three | {"denominator": 2}], period, "day") is None
    assert series([one | {"currency": "EUR"}, three | {"currency": "GBP"}], period, "day") is None
    assert series([one, three | {"value": None}], period, "day") is None
    assert series([], period, "day") is None


def test_a_snapshot_that_holds_everything_is_fresh_however_old():
    assert freshness(is_ahead=False, age=10 * STALE_AFTER_SECONDS) == "fresh"
    assert freshness(is_ahead=True, age=60) == "behind"
    assert freshness(is_ahead=True, age=STALE_AFTER_SECONDS + 1) == "stale"


def an_order() -> dict[str, object]:
    return {
        "events": [
            {"event": "place", "occurred_at": "2026-06-24T08:00:00Z", "actor": "feed", "reason": None},
            {"event": "confirm", "occurred_at": "2026-06-24T08:00:00Z", "actor": "feed", "reason": None},
        ],
        "movements": [
            {
                "kind": "ship",
                "sku": "MUG",
                "quantity": -2,
                "occurred_at": "2026-06-25T09:00:00Z",
                "location": "N",
                "condition": "sellable",
                "reason": None,
            },
            {
                "kind": "ship",
                "sku": "TEA",
                "quantity": -1,
                "occurred_at": "2026-06-25T09:00:00Z",
                "location": "N",
                "condition": "sellable",
                "reason": None,
            },
        ],
        "returns": [
            {
                "external_id": "R1",
                "returned_at": "2026-06-29T10:00:00Z",
                "lines": [{"sku": "MUG", "line_kind": "item", "quantity": 1, "reason": "too late"}],
            }
        ],
    }


def test_what_happened_runs_backwards_and_a_parcel_is_one_moment():
    found = moments(an_order())

    assert [(moment.source, moment.code) for moment in found] == [
        ("returns", "return"),
        ("stock", "ship"),
        ("orders", "confirm"),
        ("orders", "place"),
    ]
    assert found[1].goods == ((2, "MUG"), (1, "TEA"))
    assert found[0].at == datetime(2026, 6, 29, 10, tzinfo=UTC)


def test_units_of_an_order_are_counted_from_its_rows():
    assert (moved_units(an_order(), "ship"), returned_units(an_order())) == (3, 1)


@pytest.mark.parametrize(
    ("highest", "last"), [(0, 1), (7, 8), (2_850, 3_000), (6_900, 8_000), (0.034, 0.04), (1e6, 1e6)]
)
def test_axis_steps_are_round_and_reach_the_highest(highest: float, last: float):
    steps = nice_steps(highest)

    assert steps[0] == 0
    assert steps[-1] == pytest.approx(last)
    assert 2 <= len(steps) <= 6


def test_a_chart_lays_the_compared_period_beneath_by_bucket():
    words = TrendWords(unit="EUR", amount=str, exact=str, day=lambda day: day.isoformat())
    days = [date(2026, 6, 1), date(2026, 6, 2)]
    before = [date(2026, 5, 30), date(2026, 5, 31)]

    figure = trend_figure(Line("now", days, [1.0, 2.0]), Line("then", before, [3.0, 1.0]), grain="day", words=words)

    drawn = figure.to_plotly_json()
    assert [trace["line"].get("dash") for trace in drawn["data"]] == ["dot", None]
    assert drawn["data"][0]["x"] == drawn["data"][1]["x"] == [0, 1]
    assert drawn["layout"]["xaxis"]["ticktext"] == ["06-01", "06-02"]
    assert drawn["layout"]["yaxis"]["range"][0] == 0


def test_an_export_says_where_each_row_comes_from_and_starts_no_formula():
    data = csv_file(
        [{"metric": "net_sales", "sku": "=cmd()", "value": Decimal("1.50")}],
        {"snapshot": "s1", "filters": "channel=web"},
    )

    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows == [
        {"metric": "net_sales", "sku": "'=cmd()", "value": "1.50", "snapshot": "s1", "filters": "channel=web"}
    ]


def test_foreign_text_is_never_markup():
    assert (
        literal("[free](http://x) :red[a] $b$\n# c") == "\\[free\\]\\(http\\:\u2060//x\\) \\:red\\[a\\] \\$b\\$ \\# c"
    )
    assert literal("www.a.b c@d.e") == "w\u2060ww\\.a\\.b c\u2060@d\\.e"
