"""What a command prints and how it ends: one JSON document or text, and the exit codes of the contract."""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    ATTENTION = 1  # done, and something needs a look: quarantined rows, failed checks
    REFUSED = 2  # bad usage, or a file refused whole; nothing was changed
    FAILED = 3  # I/O, lock or a fault of ours


def emit(document: dict[str, Any], *, as_json: bool, text: Callable[[dict[str, Any]], str]) -> None:
    """Print the answer: the JSON document alone, or the text made of it."""
    if as_json:
        json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
        sys.stdout.write("\n")
    else:
        click.echo(text(document))


def say(message: str) -> None:
    """A message for the person at the keyboard, on standard error."""
    click.echo(message, err=True)


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """Rows as aligned text; numbers right, blank for null."""
    cells = [[_shown(row.get(column)) for column in columns] for row in rows]
    widths = [max([len(column), *(len(line[at]) for line in cells)]) for at, column in enumerate(columns)]
    numeric = [all(isinstance(row.get(column), int | Decimal | None) for row in rows) for column in columns]
    lines = [list(columns), *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
