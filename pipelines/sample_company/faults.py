"""Faulty rows, planted: one a file and month, each with exactly one fault and in a document of its own.

A faulty row is a copy of a good one under a new number, so that nothing else depends on it: with it or without it the
company's numbers are the same, and the quarantine must hold exactly these rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.sample_company.feed_text import FeedFile
from pipelines.sample_company.randomness import Stream


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to spoil a row: `column` of the file gets `value`."""

    name: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """Where a fault was planted; `row_number` counts lines of the file, the header is 1."""

    path: str
    format: str
    row_number: int
    fault: str
    column: str
    value: str


_FAULTS = {
    "sample_web": (
        Fault("unknown_status", "state", "lost in the post"),
        Fault("bad_number", "qty", "two"),
        Fault("missing_sku", "article", ""),
        Fault("bad_date", "ordered_at", "2026-02-30T12:00:00+01:00"),
    ),
    "sample_marketplace": (
        Fault("bad_number", "Betrag", "12,3x"),
        Fault("unknown_status", "Status", "in Klärung"),
        Fault("missing_sku", "Artikel", ""),
    ),
    "sample_shop": (
        Fault("missing_sku", "货号", ""),
        Fault("unknown_type", "类型", "赠送"),
        Fault("bad_number", "数量", "一"),
    ),
    "sample_sites": (
        Fault("unknown_type", "type", "???"),
        Fault("bad_number", "qty", "1.5"),
        Fault("missing_sku", "article", ""),
        Fault("bad_date", "ts", "yesterday"),
    ),
}
_DOCUMENT_COLUMNS = {"sample_web": 0, "sample_marketplace": 0, "sample_shop": 0, "sample_sites": 2}
_SALE_MARKS = {"sample_web": "S", "sample_marketplace": "Kauf", "sample_shop": "销售", "sample_sites": "RCV"}


def plant_faults(files: Sequence[FeedFile], seed: int) -> list[FaultyRow]:
    """Insert one faulty row into each monthly file of each source; returns where they stand."""
    stream = Stream(seed, "faults")
    planted: list[FaultyRow] = []
    turns = dict.fromkeys(_FAULTS, 0)
    for file in files:
        monthly = file.path.count("-") == 1 and "erneut" not in file.path
        if file.format in _FAULTS and monthly:
            faults = _FAULTS[file.format]
            fault = faults[turns[file.format] % len(faults)]
            turns[file.format] += 1
            planted.append(_plant(file, fault, turns[file.format], stream))
    return planted


def _plant(file: FeedFile, fault: Fault, turn: int, stream: Stream) -> FaultyRow:
    candidates = [row for row in file.rows if _SALE_MARKS[file.format] in row]
    row = list(stream.pick(candidates))
    row[_DOCUMENT_COLUMNS[file.format]] = f"X{turn:04d}"
    row[file.header.index(fault.column)] = fault.value
    place = stream.between(0, len(file.rows))
    if 0 < place < len(file.rows) and file.format != "sample_sites":
        place = _document_start(file, place)
    file.rows.insert(place, row)
    return FaultyRow(file.path, file.format, place + 2, fault.name, fault.column, fault.value)


def _document_start(file: FeedFile, place: int) -> int:
    while place > 0 and file.rows[place - 1][0] == file.rows[place][0]:
        place -= 1
    return place
