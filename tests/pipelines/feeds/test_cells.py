"""Cells to typed values: what reads is exact, what does not is held back with its rule, never guessed."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from oms_core.domain.instants import to_micros
from oms_core.services.quarantine import open_rows
from oms_core.storage.engine import reading
from tests.builders import rows_of
from tests.pipelines.feeds.made_up import AT, ORDERS, changed, load, load_rows, write_file


def held(core):
    """{row number: (column, rule, value)} of the rows held back."""
    with reading(core) as connection:
        return {row["row"]: (row["column"], row["rule"], row["value"]) for row in open_rows(connection)}


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def prices(core, settings, texts, **changes):
    """What became of each text as a price: the exact amount of one unit, or the rule that holds it back."""
    rows = [f"O-{at},1,MUG,1,{quoted(text)},{AT}" for at, text in enumerate(texts)]
    load_rows(core, settings, changed(ORDERS, **changes), rows)
    amounts = {
        number: Decimal(amount).scaleb(-scale)
        for number, amount, scale in rows_of(
            core,
            "select external_id, line_amount, money_scale from order_line as l"
            " join sales_order as o on o.order_id = l.order_id",
        )
    }
    refused = held(core)
    return {
        text: amounts.get(f"O-{at}", refused[at + 2][1] if at + 2 in refused else "lost")
        for at, text in enumerate(texts)
    }


def test_numbers_with_a_decimal_point(sqlite_core, sqlite_settings):
    expected = {
        "12.50": Decimal("12.50"),
        "12": Decimal(12),
        "0.000001": Decimal("0.000001"),
        "2.100000000": Decimal("2.1"),
        " 7.5 ": Decimal("7.5"),
        "\u00a07.25\u3000": Decimal("7.25"),
        "0": Decimal(0),
        "12,50": "not_a_number",
        "1,234.50": "not_a_number",
        "1e3": "not_a_number",
        "1 234": "not_a_number",
        "12.50 EUR": "not_a_number",
        "NaN": "not_a_number",
        "Infinity": "not_a_number",
        "1_000": "not_a_number",
        "0x1F": "not_a_number",
        "--5": "not_a_number",
        "1.2.3": "not_a_number",
    }

    assert prices(sqlite_core, sqlite_settings, list(expected)) == expected


def test_numbers_with_a_decimal_comma_and_points_between_thousands(sqlite_core, sqlite_settings):
    expected = {
        "12,50": Decimal("12.50"),
        "1.234,50": Decimal("1234.50"),
        "1.234.567,8": Decimal("1234567.8"),
        "1234,50": Decimal("1234.50"),
        "1.234": Decimal(1234),
        "12.50": "not_a_number",  # written with a point: not 1,250
        "1.5": "not_a_number",
        "1.2345": "not_a_number",
        "12.34.567": "not_a_number",
        "1234.567": "not_a_number",
        ".500": "not_a_number",
        "1,234.50": "not_a_number",
        "1,2,3": "not_a_number",
    }

    assert prices(sqlite_core, sqlite_settings, list(expected), decimal=",", thousands=".") == expected


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "value"),
    [
        (".", ",", "1,234,567.89", Decimal("1234567.89")),
        (".", ",", "12,34", "not_a_number"),
        (",", " ", "1 234,5", Decimal("1234.5")),
        (".", "'", "1'234.50", Decimal("1234.50")),
        (",", "", "12,50", Decimal("12.50")),
        (",", "", "12.50", "not_a_number"),
    ],
)
def test_numbers_as_a_map_writes_them(sqlite_core, sqlite_settings, decimal, thousands, text, value):
    found = prices(sqlite_core, sqlite_settings, [text], decimal=decimal, thousands=thousands)

    assert found == {text: value}


def test_amounts_that_need_more_than_six_digits_are_held_back(sqlite_core, sqlite_settings):
    found = prices(sqlite_core, sqlite_settings, ["0.0000001", "1.2345678", "1" * 20])

    assert set(found.values()) <= {"money_digits", "not_a_number"}


def test_quantities_are_whole(sqlite_core, sqlite_settings):
    texts = ["3", "3.0", "+4", "3.5", "two", "", "0", "-1", "1e2", "9" * 13]

    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-{at},1,MUG,{text},1,{AT}" for at, text in enumerate(texts)])

    assert rows_of(sqlite_core, "select quantity from order_line order by line_id") == [(3,), (3,), (4,)]
    assert held(sqlite_core) == {
        5: ("qty", "not_a_whole_number", "3.5"),
        6: ("qty", "not_a_whole_number", "two"),
        7: ("qty", "required", ""),
        8: ("qty", "quantity_sign", "0"),
        9: ("qty", "quantity_sign", "-1"),
        10: ("qty", "not_a_whole_number", "1e2"),
        11: ("qty", "not_a_whole_number", "9" * 13),
    }


@pytest.mark.parametrize("text", ["4.01234E+12", "4E+12", "4e12", "4,01234E+12"])
def test_an_article_number_that_a_spreadsheet_shortened_is_held_back(sqlite_core, sqlite_settings, text):
    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,{quoted(text)},1,1,{AT}"])

    assert held(sqlite_core) == {2: ("sku", "scientific_notation", text)}
    assert rows_of(sqlite_core, "select count(*) from sku") == [(0,)]


def test_article_numbers_keep_their_zeros(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"0001,01,00042,1,1,{AT}", f"1,1,42,1,1,{AT}"])

    assert rows_of(sqlite_core, "select sku from sku order by sku") == [("00042",), ("42",)]
    assert rows_of(sqlite_core, "select external_id from sales_order order by external_id") == [("0001",), ("1",)]


def test_text_is_trimmed_and_cleaned_as_the_map_says(sqlite_core, sqlite_settings):
    document = changed(ORDERS, columns={"sku": {"column": "sku", "clean": ["upper"]}})

    load_rows(sqlite_core, sqlite_settings, document, [f"O-1,1,\u00a0mug\u3000 ,1,1,{AT}", f"O-1,2, MUG ,1,1,{AT}"])

    assert rows_of(sqlite_core, "select distinct sku from order_line") == [("MUG",)]


# --- times ----------------------------------------------------------------------------------------


def times(core, settings, texts, *, spec=None, **changes):
    """What became of each text as a time: the instant (UTC, ISO 8601), or the rule that holds it back."""
    document = changed(ORDERS, columns={"placed_at": {"column": "at", **(spec or {})}}, **changes)
    load_rows(core, settings, document, [f"O-{at},1,MUG,1,1,{quoted(text)}" for at, text in enumerate(texts)])
    instants = dict(rows_of(core, "select external_id, placed_at from sales_order"))
    refused = held(core)
    return {text: instants[f"O-{at}"] if f"O-{at}" in instants else refused[at + 2][1] for at, text in enumerate(texts)}


def utc(*parts):
    return to_micros(datetime(*parts, tzinfo=UTC))


def test_times_with_an_offset_need_no_zone(sqlite_core, sqlite_settings):
    found = times(
        sqlite_core,
        sqlite_settings,
        ["2026-03-02T10:00:00Z", "2026-03-02T10:00:00+01:00", "2026-03-02 10:00:00.123456-05:00"],
        time_zone="Asia/Shanghai",
    )

    assert list(found.values()) == [
        utc(2026, 3, 2, 10),
        utc(2026, 3, 2, 9),
        utc(2026, 3, 2, 15, 0, 0, 123456),
    ]


def test_times_without_an_offset_are_in_the_zone_of_the_map(sqlite_core, sqlite_settings):
    found = times(sqlite_core, sqlite_settings, ["2026-03-02T10:00:00", "2026-07-02 10:00"], time_zone="Europe/Berlin")

    assert list(found.values()) == [utc(2026, 3, 2, 9), utc(2026, 7, 2, 8)]


def test_a_day_without_a_time_is_held_back_unless_the_map_says_where_in_the_day(sqlite_core, sqlite_settings):
    assert times(sqlite_core, sqlite_settings, ["2026-03-02", "20260302"]) == {
        "2026-03-02": "date_without_time",
        "20260302": "date_without_time",
    }


def test_a_format_without_a_time_gives_days_too(sqlite_core, sqlite_settings):
    assert times(sqlite_core, sqlite_settings, ["02.03.2026"], spec={"format": "%d.%m.%Y"}) == {
        "02.03.2026": "date_without_time"
    }


def test_a_declared_day_begins_where_it_begins_in_its_zone(sqlite_core, sqlite_settings):
    spec = {"format": "%d.%m.%Y", "date_only": "start_of_day"}

    found = times(sqlite_core, sqlite_settings, ["02.03.2026", "02.07.2026"], spec=spec, time_zone="Europe/Berlin")

    assert list(found.values()) == [utc(2026, 3, 1, 23), utc(2026, 7, 1, 22)]


def test_an_hour_that_the_clock_change_leaves_out_is_held_back(sqlite_core, sqlite_settings):
    found = times(
        sqlite_core,
        sqlite_settings,
        ["2026-03-29 01:59:59", "2026-03-29 02:00:00", "2026-03-29 02:59:59", "2026-03-29 03:00:00"],
        time_zone="Europe/Berlin",
    )

    assert list(found.values()) == [
        utc(2026, 3, 29, 0, 59, 59),
        "time_does_not_exist",
        "time_does_not_exist",
        utc(2026, 3, 29, 1),
    ]


def test_of_an_hour_that_comes_twice_the_first_is_meant(sqlite_core, sqlite_settings):
    found = times(sqlite_core, sqlite_settings, ["2026-10-25 02:30:00"], time_zone="Europe/Berlin")

    assert found == {"2026-10-25 02:30:00": utc(2026, 10, 25, 0, 30)}  # still summer time, two hours ahead


def test_the_zone_of_the_company_counts_where_the_map_leaves_it_to_it(core_settings):
    from tests.builders import ready_core

    with ready_core(core_settings, time_zone="America/New_York") as core:
        load_rows(core, core_settings, ORDERS, ["O-1,1,MUG,1,1,2026-03-02 10:00:00"])

        assert rows_of(core, "select placed_at from sales_order") == [(utc(2026, 3, 2, 15),)]


def test_what_is_no_time_is_held_back(sqlite_core, sqlite_settings):
    texts = ["yesterday", "02/03/2026", "2026-02-30T10:00:00", "2026-03-02T25:00:00", "1772445600"]

    assert set(times(sqlite_core, sqlite_settings, texts).values()) == {"not_a_time"}


def test_a_format_says_how_times_are_written(sqlite_core, sqlite_settings):
    spec = {"format": "%m/%d/%Y %I:%M %p"}

    found = times(sqlite_core, sqlite_settings, ["03/02/2026 04:05 PM", "2026-03-02T16:05:00"], spec=spec)

    assert found == {"03/02/2026 04:05 PM": utc(2026, 3, 2, 16, 5), "2026-03-02T16:05:00": "not_a_time"}


# --- codes, classes, currencies -------------------------------------------------------------------


def test_an_unknown_code_is_held_back_and_the_codes_are_named(sqlite_core, sqlite_settings):
    spec = {"column": "state", "codes": {"open": "pending", "done": "closed"}}
    header = "order,line,sku,qty,price,at,state"
    rows = [f"O-1,1,MUG,1,1,{AT},open", f"O-2,1,MUG,1,1,{AT},done", f"O-3,1,MUG,1,1,{AT},lost"]

    load_rows(sqlite_core, sqlite_settings, changed(ORDERS, columns={"status": spec}), rows, header=header)

    states = rows_of(sqlite_core, "select external_id, lifecycle from sales_order order by external_id")
    assert states == [("O-1", "pending"), ("O-2", "closed")]
    assert held(sqlite_core) == {4: ("state", "unknown_code", "lost")}


def test_a_state_that_is_none_of_ours_is_held_back_where_the_map_has_no_codes(sqlite_core, sqlite_settings):
    header = "order,line,sku,qty,price,at,state"
    rows = [f"O-1,1,MUG,1,1,{AT},closed", f"O-2,1,MUG,1,1,{AT},verschickt", f"O-3,1,MUG,1,1,{AT},none"]

    load_rows(sqlite_core, sqlite_settings, changed(ORDERS, columns={"status": "state"}), rows, header=header)

    assert rows_of(sqlite_core, "select external_id, lifecycle from sales_order") == [("O-1", "closed")]
    assert held(sqlite_core) == {
        3: ("state", "unknown_code", "verschickt"),
        4: ("state", "unknown_code", "none"),
    }


def test_a_currency_that_is_missing_or_no_code_is_held_back(sqlite_core, sqlite_settings):
    header = "order,line,sku,qty,price,at,cur"
    rows = [f"O-1,1,MUG,1,1,{AT},CHF", f"O-2,1,MUG,1,1,{AT},", f"O-3,1,MUG,1,1,{AT},Euro"]
    document = changed(ORDERS, currency=None, columns={"currency": "cur"})

    load_rows(sqlite_core, sqlite_settings, document, rows, header=header)

    assert rows_of(sqlite_core, "select external_id, currency from sales_order") == [("O-1", "CHF")]
    assert {row: fault[:2] for row, fault in held(sqlite_core).items()} == {
        3: ("cur", "required"),
        4: ("cur", "not_a_currency"),
    }


def test_lines_of_one_order_in_two_currencies_are_held_back(sqlite_core, sqlite_settings):
    header = "order,line,sku,qty,price,at,cur"
    rows = [f"O-1,1,MUG,1,1,{AT},EUR", f"O-1,2,MUG,1,1,{AT},USD", f"O-2,1,MUG,1,1,{AT},USD"]
    document = changed(ORDERS, currency=None, columns={"currency": "cur"})

    load_rows(sqlite_core, sqlite_settings, document, rows, header=header)

    assert [rule for _, rule, _ in held(sqlite_core).values()] == ["mixed_currencies"]
    assert len(rows_of(sqlite_core, "select * from order_line")) == 2


CLASSES = [
    {"class": "ignore", "when": {"sku": "TEST"}, "reason": "test orders"},
    {"class": "return", "when": {"order_id": {"starts_with": "R"}}},
    {"class": "write_off", "when": {"quantity": {"below": 0}}},
    {"class": "sale", "when": {"quantity": {"above": 0}, "sku": {"matches": "[A-Z]+"}}},
    {"class": "money_adjustment", "when": {"sku": {"empty": True}}},
]


def test_the_first_class_that_fits_decides_and_none_holds_the_row_back(sqlite_core, sqlite_settings):
    document = changed(
        ORDERS, classes=CLASSES, line_kinds=[{"kind": "shipping", "when": {"sku": {"in": ["POST", "DOT"]}}}]
    )
    rows = [
        f"O-1,1,MUG,2,5,{AT}",
        f"O-1,2,POST,1,4.95,{AT}",
        f"O-1,3,TEST,1,99,{AT}",
        f"R-1,1,MUG,-1,5,{AT}",
        f"O-2,1,MUG,-3,0,{AT}",
        f"O-3,1,,1,-20,{AT}",
        f"O-4,1,mug,1,5,{AT}",
    ]

    result = load_rows(sqlite_core, sqlite_settings, document, rows)

    lines = "select line_key, line_kind, sku, quantity, line_amount, money_scale from order_line order by line_id"
    assert sorted(rows_of(sqlite_core, lines), key=str) == sorted(
        [
            ("1", "item", "MUG", 2, 10, 0),
            ("2", "shipping", "POST", 1, 495, 2),
            ("1", "write_off", "MUG", -3, 0, 0),
            ("1", "adjustment", None, 1, -20, 0),
        ],
        key=str,
    )
    assert rows_of(sqlite_core, "select line_kind, sku, quantity, line_amount from return_line") == [
        ("item", "MUG", 1, 5)
    ]
    assert held(sqlite_core) == {8: ("", "unclassified", None)}
    assert (result.counts.orders, result.counts.returns, result.counts.lines) == (3, 1, 5)


def test_a_line_of_goods_names_its_article(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,,1,5,{AT}"])

    assert held(sqlite_core) == {2: ("sku", "required", None)}


def test_a_line_with_neither_price_nor_amount_is_held_back(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,MUG,1,,{AT}"])

    assert held(sqlite_core) == {2: ("price", "required", None)}


def test_cancelled_units_are_at_most_the_ordered_ones(sqlite_core, sqlite_settings):
    document = changed(ORDERS, columns={"cancelled_quantity": "gone"})
    rows = [f"O-1,1,MUG,3,5,{AT},2", f"O-1,2,MUG,3,5,{AT},4", f"O-1,3,MUG,3,5,{AT},-1", f"O-1,4,MUG,3,5,{AT},"]

    load_rows(sqlite_core, sqlite_settings, document, rows, header="order,line,sku,qty,price,at,gone")

    lines = rows_of(sqlite_core, "select line_key, quantity, cancelled_quantity from order_line order by line_key")
    assert lines == [("1", 3, 2), ("4", 3, 0)]
    assert {row: fault[:2] for row, fault in held(sqlite_core).items()} == {
        3: ("gone", "quantity_sign"),
        4: ("gone", "quantity_sign"),
    }


def test_a_line_of_which_all_is_cancelled_cancels_an_order_of_nothing_else(sqlite_core, sqlite_settings):
    document = changed(ORDERS, classes=[{"class": "cancellation", "when": {"sku": "GONE"}}, {"class": "sale"}])
    rows = [f"O-1,1,GONE,2,5,{AT}", f"O-2,1,GONE,2,5,{AT}", f"O-2,2,MUG,1,5,{AT}"]

    load_rows(sqlite_core, sqlite_settings, document, rows)

    states = rows_of(sqlite_core, "select external_id, lifecycle from sales_order order by external_id")
    assert states == [("O-1", "cancelled"), ("O-2", "confirmed")]


def test_the_state_of_an_order_is_the_furthest_of_its_rows(sqlite_core, sqlite_settings):
    header = "order,line,sku,qty,price,at,state"
    rows = [f"O-1,1,MUG,1,1,{AT},closed", f"O-1,2,MUG,1,1,{AT},cancelled", f"O-1,3,MUG,1,1,{AT},pending"]

    load_rows(sqlite_core, sqlite_settings, changed(ORDERS, columns={"status": "state"}), rows, header=header)

    assert rows_of(sqlite_core, "select lifecycle from sales_order") == [("cancelled",)]


def test_zones_are_asked_by_name_not_by_the_machine(sqlite_core, sqlite_settings, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")

    load(
        sqlite_core,
        sqlite_settings,
        ORDERS,
        write_file(sqlite_settings.home / "in.csv", ["order,line,sku,qty,price,at", "O-1,1,MUG,1,1,2026-03-02 10:00"]),
    )

    expected = to_micros(datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("UTC")))
    assert rows_of(sqlite_core, "select placed_at from sales_order") == [(expected,)]
