"""A text file to rows in a stable order: read as its map says, staged, grouped, numbered.

Rows of one group come together, sorted by content, with an occurrence number for rows of equal content, so that
what follows does not depend on the order of rows in the file. The rows lie in a temporary DuckDB table, so memory
stays bounded whatever the size of the file.
"""

import codecs
import contextlib
import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import duckdb
import pyarrow as pa

from pipelines.feeds.column_map import ColumnMap
from pipelines.feeds.errors import FileRefusedError

_CHUNK = 50_000
_FETCH = 10_000
_LARGEST_CELL = 131_072
BLANK = " \t\r\n\u00a0\u3000\ufeff"
SEPARATOR = "\x1f"


class StagedRow(NamedTuple):
    """One row. `cells` are the source texts in the order of the header, untouched.

    A named tuple, made for every row of a file: half the cost of a frozen dataclass.
    """

    row_number: int  # 1 = the first line of the file, so the first row after the header is 2
    group: str
    content: str  # sha256 of the mapped content fields
    occurrence: int  # 1, 2 … among rows of the same group and content
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RaggedRow:
    """A row with more or fewer cells than the header."""

    row_number: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class StagedFile:
    """A file read whole: its header, its ragged rows, and a way to go through the rows in order."""

    name: str
    sha256: str
    header: tuple[str, ...]
    rows: int
    ragged: list[RaggedRow]
    _connection: duckdb.DuckDBPyConnection
    _query: str

    def in_order(self) -> Iterator[StagedRow]:
        """Rows by group, content, occurrence."""
        # By way of Arrow columns: a third of the cost of fetching rows.
        reader: pa.RecordBatchReader = self._connection.sql(self._query).to_arrow_reader(_FETCH)
        for batch in reader:
            numbers, groups, contents, occurrences, *columns = (column.to_pylist() for column in batch.columns)
            cells = zip(*columns, strict=True)
            yield from map(StagedRow, numbers, groups, contents, occurrences, cells)

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """A query on the table `staged` (row_number, cells c0, c1 …): facts about the file as it is."""
        return self._connection.execute(sql).fetchall()


@contextlib.contextmanager
def staged(path: Path, column_map: ColumnMap, *, scratch: Path) -> Iterator[StagedFile]:
    """Read a .csv, .tsv or .txt file (also .gz) and stage it; the staged copy is gone afterwards.

    Raises:
        FileRefusedError: FILE_UNREADABLE, FILE_ENCODING, FILE_HEADER; nothing of the file was used.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:", config={"temp_directory": str(scratch), "memory_limit": "1GB", "threads": 2}
    )
    try:
        digest = _digest(path)
        header, rows, ragged = _stage(path, column_map, connection)
        query = _ordered(column_map, header)
        yield StagedFile(path.name, digest, header, rows, ragged, connection, query)
    finally:
        connection.close()


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> FileRefusedError:
    cause = getattr(error, "strerror", None) or str(error)
    return FileRefusedError("FILE_UNREADABLE", f"{path}: {cause}", remedy="Check the path, and that the file is whole.")


def _open(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _stage(
    path: Path, column_map: ColumnMap, connection: duckdb.DuckDBPyConnection
) -> tuple[tuple[str, ...], int, list[RaggedRow]]:
    codec = "utf-8-sig" if codecs.lookup(column_map.encoding).name == "utf-8" else column_map.encoding
    csv.field_size_limit(_LARGEST_CELL)
    ragged: list[RaggedRow] = []
    rows = 0
    try:
        with _open(path) as binary, io.TextIOWrapper(binary, encoding=codec, newline="") as text:
            reader = csv.reader(_without_zeros(path, text), delimiter=column_map.delimiter, strict=True)
            header = _header(path, column_map, reader)
            names = ", ".join(f"c{at} varchar" for at in range(len(header)))
            connection.execute(f"create temp table staged (row_number bigint, {names})")
            for chunk in _chunks(reader, len(header), ragged):
                columns = {f"c{at}": pa.array(cells, pa.string()) for at, cells in enumerate(zip(*chunk, strict=True))}
                arrow = pa.table({"row_number": columns.pop(f"c{len(header)}").cast(pa.int64()), **columns})
                connection.register("arrived", arrow)
                connection.execute("insert into staged select * from arrived")
                connection.unregister("arrived")
                rows += len(chunk)
    except UnicodeError:
        at = _first_misfit(path, codec)
        raise _encoded_otherwise(path, f"{'it' if at is None else f'byte {at}'} is not {column_map.encoding}") from None
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise _unreadable(path, error) from None
    return header, rows, ragged


def _without_zeros(path: Path, lines: Iterable[str]) -> Iterator[str]:
    """The lines, unless one holds a zero byte: no text does, and PostgreSQL keeps none."""
    for line in lines:
        if "\0" in line:
            raise _encoded_otherwise(path, "it holds zero bytes, as UTF-16 does when it is read as something else")
        yield line


def _encoded_otherwise(path: Path, what: str) -> FileRefusedError:
    remedy = "Set `encoding:` in the map to what the source writes, e.g. gb18030, cp1252 or utf-16."
    return FileRefusedError("FILE_ENCODING", f"{path.name}: {what}", remedy=remedy)


def _first_misfit(path: Path, codec: str) -> int | None:
    """Where in the (unpacked) file the first byte lies that does not fit; null where bytes are no units of text."""
    if codecs.lookup(codec).name.startswith(("utf-16", "utf-32")):
        return None
    before = 0
    with _open(path) as binary:
        for line in binary:
            try:
                line.decode(codec)
            except UnicodeDecodeError as error:
                return before + error.start
            before += len(line)
    return None


def _header(path: Path, column_map: ColumnMap, reader: Iterator[list[str]]) -> tuple[str, ...]:
    header = tuple(cell.strip(BLANK) for cell in next(reader, []))
    wanted = {spec.column for spec in column_map.columns.values()}
    missing = sorted(wanted - set(header))
    if missing:
        shown = ", ".join(header[:12]) or "nothing"
        raise FileRefusedError(
            "FILE_HEADER",
            f"{path.name} has no column {', '.join(map(repr, missing))}; its header says {shown}",
            remedy=f"Check that the file belongs to the map {column_map.name}, its delimiter and encoding.",
        )
    if doubled := sorted({name for name in wanted if header.count(name) > 1}):
        raise FileRefusedError(
            "FILE_HEADER", f"{path.name} has the column {doubled[0]!r} twice", remedy="Rename one of them in the file."
        )
    return header


def _chunks(reader: Iterator[list[str]], width: int, ragged: list[RaggedRow]) -> Iterator[list[list[str]]]:
    """Whole rows, each with its row number as a last cell; ragged ones go aside, empty lines are passed over."""
    chunk: list[list[str]] = []
    for number, cells in enumerate(reader, start=2):
        if len(cells) != width:
            if cells:
                ragged.append(RaggedRow(number, tuple(cells)))
            continue
        cells.append(str(number))
        chunk.append(cells)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _ordered(column_map: ColumnMap, header: tuple[str, ...]) -> str:
    cells = ", ".join(f"c{at}" for at in range(len(header)))
    group = _joined(column_map, column_map.grouped_by, header)
    content = _joined(column_map, column_map.content_fields, header)
    return f"""
        with keyed as (select row_number, {group} as g, sha256({content}) as content, {cells} from staged)
        select row_number, g, content,
            row_number() over (partition by g, content order by row_number) as occurrence, {cells}
        from keyed order by g, content, occurrence"""  # noqa: S608 - names and fields of the map, no values


def _joined(column_map: ColumnMap, fields: list[str], header: tuple[str, ...]) -> str:
    texts = [_cleaned(column_map, field, header) for field in fields if field in column_map.columns]
    return f"concat_ws('{SEPARATOR}', {', '.join(texts)})" if texts else "''"


def _cleaned(column_map: ColumnMap, field: str, header: tuple[str, ...]) -> str:
    spec = column_map.columns[field]
    text = f"trim(c{header.index(spec.column)}, '{BLANK}')"
    for step in spec.clean:
        text = f"{step}({text})"
    return text


def as_json(header: tuple[str, ...], cells: tuple[str, ...]) -> str:
    """One row as received: a JSON object, source column → text."""
    return json.dumps(dict(zip(header, cells, strict=False)), ensure_ascii=False)


def key_of(column_map: ColumnMap, header: Sequence[str], cells: Sequence[str]) -> tuple[str, str]:
    """(group, content) of a single row: what `in_order` would give it."""
    texts = dict(zip(header, cells, strict=True))

    def cleaned(field: str) -> str:
        text = texts[column_map.columns[field].column].strip(BLANK)
        for step in column_map.columns[field].clean:
            text = text.upper() if step == "upper" else text.lower()
        return text

    def joined(fields: list[str]) -> str:
        return SEPARATOR.join(cleaned(field) for field in fields if field in column_map.columns)

    return joined(column_map.grouped_by), hashlib.sha256(joined(column_map.content_fields).encode()).hexdigest()
