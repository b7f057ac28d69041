"""Cells to typed values: one reader a map, with each column's parser remembering the texts it has seen.

A cell that does not read becomes a `CellFault` that says which rule it breaks, why, and what to do; never a default.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from oms_core.domain.instants import start_of_day, to_micros
from oms_core.domain.money import MAX_SCALE, Exact, parse_exact
from pipelines.feeds.column_map import ColumnMap, ColumnSpec
from pipelines.feeds.fields import TYPES
from pipelines.feeds.staging import BLANK

Record = dict[str, Any]
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
_MOST_REMEMBERED = 200_000
_LARGEST_QUANTITY = 10**12
_LONGEST_DATE = len("2026-01-31")


# field, position, source column, required, parser, values by text seen
_Column = tuple[str, int, str, bool, Callable[[str], Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CellFault:
    """Why a row is held back. `column` is the source's name for it."""

    column: str
    rule: str
    value: str | None
    reason: str
    fix: str


class _CellError(ValueError):
    def __init__(self, rule: str, reason: str, fix: str) -> None:
        super().__init__(rule)
        self.rule, self.reason, self.fix = rule, reason, fix


class CellReader:
    """Reads the cells of one file: texts in header order to a record of our fields."""

    def __init__(self, column_map: ColumnMap, header: Sequence[str], zone: ZoneInfo) -> None:
        self._constants: Record = {name: _constant(name, text, zone) for name, text in column_map.constants.items()}
        self._columns: list[_Column] = [
            (
                field,
                list(header).index(spec.column),
                spec.column,
                column_map.is_required(field),
                _parser(column_map, field, zone),
                {},
            )
            for field, spec in column_map.columns.items()
        ]

    def read(self, cells: Sequence[str]) -> Record | CellFault:
        """The record, `None` for empty cells; or the first fault."""
        record = self._constants.copy()
        for field, at, column, required, parse, seen in self._columns:
            text = cells[at]
            if text in seen:
                record[field] = seen[text]
                continue
            bare = text.strip(BLANK)
            if not bare:
                if required:
                    return CellFault(column, "required", text, "the cell is empty", "Fill the cell at the source.")
                record[field] = None
                continue
            try:
                value = parse(bare)
            except _CellError as error:
                return CellFault(column, error.rule, text, error.reason, error.fix)
            if len(seen) < _MOST_REMEMBERED:
                seen[text] = value
            record[field] = value
        return record


def _constant(field: str, text: str, zone: ZoneInfo) -> Any:
    """A constant of the map as the field reads; a time is the start of a day."""
    kind = TYPES.get(field, "text")
    if kind == "timestamp":
        return start_of_day(date.fromisoformat(text), zone)
    return text if kind == "text" else _number(".", "", whole=kind == "integer")(text)


def _parser(column_map: ColumnMap, field: str, zone: ZoneInfo) -> Callable[[str], Any]:
    spec = column_map.columns[field]
    kind = column_map.type_of(field)
    if kind == "timestamp":
        return _timestamp(spec, zone)
    if kind in ("integer", "decimal"):
        return _number(column_map.decimal, column_map.thousands, whole=kind == "integer")
    return _text(spec)


def _text(spec: ColumnSpec) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for step in spec.clean:
            text = text.upper() if step == "upper" else text.lower()
        if spec.codes is not None:
            return _decoded(text, spec.codes)
        if _SCIENTIFIC.fullmatch(text):
            raise _CellError(
                "scientific_notation",
                f"{text!r} is a number that a spreadsheet shortened; its digits are lost",
                "Export the column as text.",
            )
        return f"{spec.prefix}{text}"

    return parse


def _decoded(text: str, codes: Mapping[str, str]) -> str:
    if text not in codes:
        raise _CellError(
            "unknown_code",
            f"{text!r} is none of the codes {', '.join(codes)}",
            "Add the code to `codes:` in the map, then replay the row.",
        )
    return codes[text]


def _number(point: str, thousands: str, *, whole: bool) -> Callable[[str], Any]:
    kind = "whole number" if whole else "number"
    # Separators stand before groups of three digits: 12.50 is not twelve hundred fifty where the point separates.
    grouped = re.compile(rf"[+-]?[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+(?:{re.escape(point)}[0-9]*)?")

    def parse(text: str) -> int | Exact:
        plain = text
        if thousands and thousands in text:
            if grouped.fullmatch(text) is None:
                raise _not_a_number(text, kind)
            plain = text.replace(thousands, "")
        if point == ",":
            if "." in plain:
                raise _not_a_number(text, kind)
            plain = plain.replace(",", ".")
        try:
            value = parse_exact(plain)
        except ValueError:
            raise _not_a_number(text, kind) from None
        if not whole:
            return value
        units, rest = divmod(value.units, int(10**value.scale))
        if rest or abs(units) > _LARGEST_QUANTITY:
            raise _not_a_number(text, kind)
        return units

    return parse


def _not_a_number(text: str, kind: str) -> _CellError:
    return _CellError(
        f"not_a_{kind.replace(' ', '_')}",
        f"{text!r} is no {kind} as the map writes them, with at most {MAX_SCALE} digits after the point",
        "Correct the cell, or `decimal:` and `thousands:` in the map.",
    )


def _timestamp(spec: ColumnSpec, zone: ZoneInfo) -> Callable[[str], int]:
    has_time = spec.format is None or any(mark in spec.format for mark in ("%H", "%I", "%c", "%X"))

    def parse(text: str) -> int:
        try:
            moment = datetime.strptime(text, spec.format) if spec.format else datetime.fromisoformat(text)  # noqa: DTZ007 - the zone follows
        except ValueError:
            wanted = spec.format or "ISO 8601"
            raise _CellError(
                "not_a_time", f"{text!r} is no time written as {wanted}", "Correct `format:` in the map, or the cell."
            ) from None
        if (spec.format is None and len(text) <= _LONGEST_DATE) or not has_time:
            if spec.date_only is None:
                raise _CellError(
                    "date_without_time",
                    f"{text!r} is a day, not an instant, and the map does not say where in the day it lies",
                    "Declare `date_only: start_of_day` for the column.",
                )
            return start_of_day(moment.date(), zone)
        return to_micros(_placed(moment, text, zone))

    return parse


def _placed(moment: datetime, text: str, zone: ZoneInfo) -> datetime:
    """The moment in its zone; a local time that the clock change left out is a fault, a doubled one its first."""
    if moment.tzinfo is not None:
        return moment
    local = moment.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise _CellError(
            "time_does_not_exist",
            f"{text!r} falls into the hour that {zone.key} leaves out",
            "Correct the cell, or `time_zone:` in the map.",
        )
    return local
