"""The reference facts that a data folder's README states: read when the test runs, never copied."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

Cell = Decimal | str
_FACT = re.compile(r"^- (?P<label>.+?): \*\*(?P<values>.+?)\*\*\s*$")


@dataclass(frozen=True, slots=True)
class Fact:
    """A stated fact. `rows`: its values; `a=1; b=2` is two rows of one, `x / 1; y / 2` two rows of two."""

    folder: str
    number: int
    label: str
    text: str

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        """The values, a row each part between semicolons."""
        text = re.sub(r"\s+\([^()]*\)$", "", self.text)
        return [tuple(_cell(part) for part in row.split(" / ")) for row in text.split("; ")]

    @property
    def values(self) -> list[Cell]:
        """The values of a fact that has one a row."""
        return [cell for row in self.rows for cell in row]


def _cell(text: str) -> Cell:
    bare = re.sub(r"^\w+=", "", text.strip())
    try:
        return Decimal(bare.replace(",", ""))
    except InvalidOperation:
        return bare


def facts_of(shared: Path, folder: str) -> list[Fact]:
    """The facts under "Reference facts", in their order."""
    text = (shared / "data" / folder / "README.md").read_text(encoding="utf-8")
    stated = text[text.index("## Reference facts") :].splitlines()
    found = [match for line in stated if (match := _FACT.match(line))]
    return [Fact(folder, number, it["label"], it["values"]) for number, it in enumerate(found, start=1)]


def prelude_of(shared: Path, folder: str) -> str:
    """The SQL that the folder's facts start from."""
    text = (shared / "data" / folder / "README.md").read_text(encoding="utf-8")
    return text[text.index("## Reference facts") :].split("```sql")[1].split("```")[0]
