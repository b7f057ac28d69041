"""Files as sources write them: encodings, quotes, ragged rows; one that cannot be read is refused whole."""

import gzip

import pytest

from oms_core.services.quarantine import open_rows
from oms_core.storage.engine import reading
from tests.builders import contents, rows_of
from tests.pipelines.feeds.made_up import AT, HEADER, ORDERS, changed, load, load_rows, write_file

TITLED = changed(ORDERS, columns={"title": "title"})
TITLED_HEADER = f"{HEADER},title"


def titles(core):
    return sorted(title for (title,) in rows_of(core, "select title from order_line"))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Käse, 茶杯"),
        ("utf-8-sig", "Käse, 茶杯"),
        ("gb18030", "茶杯 €"),
        ("cp1252", "Käse für 5 €"),
        ("utf-16", "Käse, 茶杯"),
        ("big5", "茶杯"),
        ("shift_jis", "湯呑み"),
    ],
)
def test_a_file_is_read_in_the_encoding_its_map_says(sqlite_core, sqlite_settings, encoding, text):
    path = write_file(
        sqlite_settings.home / "in.csv", [TITLED_HEADER, f'O-1,1,MUG,1,5,{AT},"{text}"'], encoding=encoding
    )

    result = load(sqlite_core, sqlite_settings, changed(TITLED, encoding=encoding), path)

    assert result.refused == []
    assert titles(sqlite_core) == [text]


def test_a_byte_order_mark_is_no_part_of_the_first_column(sqlite_core, sqlite_settings):
    path = write_file(sqlite_settings.home / "in.csv", [HEADER, f"O-1,1,MUG,1,5,{AT}"], encoding="utf-8-sig")

    load(sqlite_core, sqlite_settings, ORDERS, path)

    assert rows_of(sqlite_core, "select external_id from sales_order") == [("O-1",)]


@pytest.mark.parametrize(
    ("written", "read"), [("cp1252", "utf-8"), ("gb18030", "utf-8"), ("utf-8", "ascii"), ("utf-8", "utf-16")]
)
def test_a_file_in_another_encoding_is_refused_whole(sqlite_core, sqlite_settings, written, read):
    good = [f"O-{number},1,MUG,1,5,{AT},plain" for number in range(2_000)]
    lines = [TITLED_HEADER, *good, f"O-X,1,MUG,1,5,{AT},é"]
    path = write_file(sqlite_settings.home / "in.csv", lines, encoding=written)
    before = contents(sqlite_core)

    result = load(sqlite_core, sqlite_settings, changed(TITLED, encoding=read), path)

    [refused] = result.refused
    assert refused.code == "FILE_ENCODING"
    assert read in refused.reason
    assert result.counts.received == 0
    assert contents(sqlite_core) == before


def test_the_first_byte_that_does_not_fit_is_named_by_its_place_in_the_file(sqlite_core, sqlite_settings):
    good = [f"O-{number},1,MUG,1,5,{AT},plain" for number in range(2_000)]
    path = write_file(sqlite_settings.home / "in.csv", [TITLED_HEADER, *good, "é"], encoding="cp1252")

    [refused] = load(sqlite_core, sqlite_settings, TITLED, path).refused

    assert f"byte {path.read_bytes().index(0xE9)} " in refused.reason


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_file_with_zero_bytes_is_refused_whole(core, core_settings, encoding):
    path = write_file(core_settings.home / "in.csv", [HEADER, f"O-1,1,MU\0G,1,5,{AT}"])
    before = contents(core)

    [refused] = load(core, core_settings, changed(ORDERS, encoding=encoding), path).refused

    assert refused.code == "FILE_ENCODING"
    assert contents(core) == before


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(sqlite_core, sqlite_settings, newline):
    lines = [HEADER, f"O-1,1,MUG,1,5,{AT}", f"O-2,1,MUG,1,5,{AT}"]

    load(sqlite_core, sqlite_settings, ORDERS, write_file(sqlite_settings.home / "in.csv", lines, newline=newline))

    assert rows_of(sqlite_core, "select count(*) from sales_order") == [(2,)]


@pytest.mark.parametrize(("delimiter", "name"), [(";", "a.csv"), ("\t", "a.tsv"), ("|", "a.txt"), (",", "a.csv.gz")])
def test_cells_are_parted_as_the_map_says(sqlite_core, sqlite_settings, delimiter, name):
    lines = [line.replace(",", delimiter) for line in (HEADER, f"O-1,1,MUG,2,5,{AT}")]

    load(
        sqlite_core,
        sqlite_settings,
        changed(ORDERS, delimiter=delimiter),
        write_file(sqlite_settings.home / name, lines),
    )

    assert rows_of(sqlite_core, "select sku, quantity from order_line") == [("MUG", 2)]


def test_quotes_may_hold_delimiters_quotes_and_line_ends(sqlite_core, sqlite_settings):
    text = 'Mug, "large"\r\nwith lid'
    quoted = text.replace('"', '""')
    rows = [f'O-1,1,MUG,1,5,{AT},"{quoted}"', f"O-2,1,MUG,none,5,{AT},after"]

    load_rows(sqlite_core, sqlite_settings, TITLED, rows, header=TITLED_HEADER)

    assert titles(sqlite_core) == [text]
    with reading(sqlite_core) as connection:
        [held] = open_rows(connection)
    assert (held["row"], held["column"]) == (3, "qty")  # the third row, though the fourth line


def test_a_quote_that_is_never_closed_refuses_the_file(sqlite_core, sqlite_settings):
    before = contents(sqlite_core)

    result = load_rows(
        sqlite_core,
        sqlite_settings,
        TITLED,
        [f"O-1,1,MUG,1,5,{AT},x", f'O-2,1,MUG,1,5,{AT},"open'],
        header=TITLED_HEADER,
    )

    assert [refused.code for refused in result.refused] == ["FILE_UNREADABLE"]
    assert contents(sqlite_core) == before


def test_ragged_rows_are_held_back_with_their_cells_and_the_others_load(sqlite_core, sqlite_settings):
    rows = [f"O-1,1,MUG,1,5,{AT}", "O-2,1,MUG", f"O-3,1,MUG,1,5,{AT},too,many", "", f"O-4,1,MUG,1,5,{AT}"]

    result = load_rows(sqlite_core, sqlite_settings, ORDERS, rows)

    with reading(sqlite_core) as connection:
        held = open_rows(connection)
    assert [(row["row"], row["rule"], row["value"]) for row in held] == [
        (3, "column_count", "3"),
        (4, "column_count", "8"),
    ]
    assert "the header has 6" in held[0]["reason"]
    assert rows_of(sqlite_core, "select external_id from sales_order order by external_id") == [("O-1",), ("O-4",)]
    assert result.counts.quarantined_rows == 2


def test_equal_ragged_rows_are_held_back_each(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, ORDERS, ["O-2,1,MUG", "O-2,1,MUG"])

    assert rows_of(sqlite_core, "select row_number, times_seen from feed_quarantine order by 1") == [(2, 1), (3, 1)]


@pytest.mark.parametrize("cut", ["middle", "tail", "head"])
def test_a_broken_archive_is_refused_whole(sqlite_core, sqlite_settings, cut):
    whole = gzip.compress("\n".join([HEADER, *(f"O-{n},1,MUG,1,5,{AT}" for n in range(500))]).encode())
    half = len(whole) // 2
    broken = {
        "middle": whole[:half] + bytes([whole[half] ^ 0xFF]) + whole[half + 1 :],
        "tail": whole[:half],
        "head": b"not an archive at all",
    }
    path = sqlite_settings.home / "in.csv.gz"
    path.write_bytes(broken[cut])
    before = contents(sqlite_core)

    result = load(sqlite_core, sqlite_settings, ORDERS, path)

    assert [refused.code for refused in result.refused] == ["FILE_UNREADABLE"]
    assert contents(sqlite_core) == before


@pytest.mark.parametrize("header", ["order,line,sku,qty,at", "order;line;sku;qty;price;at", ""])
def test_a_missing_column_refuses_the_file_and_is_named(sqlite_core, sqlite_settings, header):
    before = contents(sqlite_core)

    result = load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,MUG,1,{AT}"], header=header)

    [refused] = result.refused
    assert refused.code == "FILE_HEADER"
    assert "'price'" in refused.reason
    assert contents(sqlite_core) == before


def test_a_column_that_is_there_twice_refuses_the_file(sqlite_core, sqlite_settings):
    result = load_rows(
        sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,MUG,1,5,6,{AT}"], header="order,line,sku,qty,price,price,at"
    )

    assert [refused.code for refused in result.refused] == ["FILE_HEADER"]
    assert "'price' twice" in result.refused[0].reason


def test_columns_the_map_does_not_know_are_passed_over(sqlite_core, sqlite_settings):
    rows = [f"x,O-1,1,MUG,1,5,{AT},y", f"z,O-1,2,MUG,1,5,{AT},"]

    result = load_rows(sqlite_core, sqlite_settings, ORDERS, rows, header=f"note,{HEADER},note")

    assert (result.refused, result.counts.lines) == ([], 2)


def test_a_file_without_rows_loads_as_nothing(sqlite_core, sqlite_settings):
    result = load_rows(sqlite_core, sqlite_settings, ORDERS, [])

    assert (result.refused, result.counts.received) == ([], 0)


@pytest.mark.parametrize("name", ["nowhere.csv", "folder"])
def test_what_is_no_file_is_refused(sqlite_core, sqlite_settings, name):
    (sqlite_settings.home / "folder").mkdir()

    [refused] = load(sqlite_core, sqlite_settings, ORDERS, sqlite_settings.home / name).refused

    assert refused.code == "FILE_UNREADABLE"
    assert name in refused.reason


def test_of_several_files_the_refused_ones_are_named_and_the_others_load(sqlite_core, sqlite_settings):
    home = sqlite_settings.home
    good = write_file(home / "good.csv", [HEADER, f"O-1,1,MUG,1,5,{AT}"])
    bad = write_file(home / "bad.csv", ["wrong,header", "1,2"])
    also_good = write_file(home / "also_good.csv", [HEADER, f"O-2,1,MUG,1,5,{AT}"])

    result = load(sqlite_core, sqlite_settings, ORDERS, good, bad, home / "nowhere.csv", also_good)

    assert result.files == 4
    assert [(refused.path, refused.code) for refused in result.refused] == [
        (str(bad), "FILE_HEADER"),
        (str(home / "nowhere.csv"), "FILE_UNREADABLE"),
    ]
    assert rows_of(sqlite_core, "select external_id from sales_order order by external_id") == [("O-1",), ("O-2",)]


def test_a_cell_that_is_too_long_refuses_the_file(sqlite_core, sqlite_settings):
    result = load_rows(
        sqlite_core, sqlite_settings, TITLED, [f"O-1,1,MUG,1,5,{AT},{'x' * 200_000}"], header=TITLED_HEADER
    )

    assert [refused.code for refused in result.refused] == ["FILE_UNREADABLE"]


def test_nothing_is_left_of_a_staged_file(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,MUG,1,5,{AT}"])

    assert list((sqlite_settings.home / "tmp").iterdir()) == []
