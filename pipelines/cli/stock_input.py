"""What commands on stock and purchasing share: lines and instants as they are typed, rows as they are printed."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import click
import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import to_text
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.output import emit, table

_HINT = "Write SKU:UNITS, then what is known of it: MUG:12,damaged=2,lot=L1."


class Instant(click.ParamType):  # type: ignore[type-arg] # generic in later releases of click only
    """Date, time and zone; a date alone is refused, because the facts of one day have an order."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        """Microseconds since the epoch."""
        from oms_core.services.stock_moments import read_instant

        return value if isinstance(value, int) else read_instant(value)


at_option = click.option("--at", type=Instant(), help="When it happened, with zone; default: now.")


def split_line(text: str, *known: str) -> tuple[str, int, dict[str, str]]:
    """(sku, units, the rest by name) of `SKU:UNITS,name=value…`.

    Raises:
        InvalidRequestError: LINE_UNREADABLE.
    """
    first, *more = text.split(",")
    name, _, units = first.rpartition(":")
    parts = dict(part.partition("=")[::2] for part in more)
    if not name or not units.lstrip("-").isdecimal() or any("=" not in part for part in more) or set(parts) - {*known}:
        names = ", ".join(known) or "nothing more"
        raise InvalidRequestError("LINE_UNREADABLE", f"{text!r} is no line", remedy=f"{_HINT} Known here: {names}.")
    return name, int(units), parts


def instant_in(parts: dict[str, str], name: str) -> int | None:
    """The instant that a part of a line names; null where it names none."""
    from oms_core.services.stock_moments import read_instant

    return read_instant(parts[name]) if name in parts else None


def show(read: Callable[[sa.Connection], Any], *, as_json: bool, columns: Sequence[str] = ()) -> None:
    """Read in one transaction and print: rows as a table, a document as lines."""
    from pipelines.cli.commanding import as_text

    with reading(open_engine(Settings.from_environment())) as connection:
        answer = read(connection)
    if isinstance(answer, dict):
        emit(answer, as_json=as_json, text=as_text)
        return
    rows = [_plain(row) for row in answer]
    emit({"rows": rows}, as_json=as_json, text=lambda it: f"{table(it['rows'], columns)}\n{len(rows):,} rows")


def _plain(row: Any) -> dict[str, Any]:
    found = (
        asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(getattr(row, "_asdict", lambda: row)())
    )
    return {
        name: to_text(value) if name.endswith("_at") and isinstance(value, int) else value
        for name, value in found.items()
    }
