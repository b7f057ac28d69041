"""A feed file as text: header, rows, encoding, delimiter; numbers as each source writes them.

Written bytes depend on nothing but the rows: line ends are fixed and a `.gz` carries no name and no time.
"""

import csv
import gzip
import io
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class FeedFile:
    """One file of one format; `path` is relative to the folder of the sample company."""

    path: str
    format: str
    header: tuple[str, ...]
    rows: list[list[str]] = field(default_factory=list)
    encoding: str = "utf-8"
    delimiter: str = ","

    def text(self) -> str:
        """The file's text; line 1 is the header."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return out.getvalue()

    def write(self, folder: Path) -> Path:
        """Write the file below `folder`, packed when its name ends in .gz."""
        target = folder / self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        content = self.text().encode(self.encoding)
        if target.suffix == ".gz":
            with target.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                packed.write(content)
        else:
            target.write_bytes(content)
        return target


def point_money(cents: int) -> str:
    """1234567 → 12345.67."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def comma_money(cents: int) -> str:
    """1234567 → 12.345,67, as German exports write it."""
    whole = f"{abs(cents) // 100:,}".replace(",", ".")
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole},{abs(cents) % 100:02d}"
