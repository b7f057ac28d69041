"""Column maps: YAML that says how a file of a source reads, so that a new source is configuration and not code.

The keys are described with examples in docs/guide/feeds.md. A map is checked whole when it is read: unknown keys,
unknown fields and contradictions are named with their place.
"""

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from oms_core.domain.documents import PURCHASE_ORDER_TRANSITIONS
from oms_core.domain.orders import Lifecycle, LineKind
from oms_core.domain.payments import PaymentMethod
from oms_core.domain.stock import MovementKind
from pipelines.feeds.conditions import Condition
from pipelines.feeds.errors import MapError
from pipelines.feeds.fields import (
    FIELDS,
    GROUPED_BY,
    IN_MONEY,
    KEYED_WITHIN,
    NOT_CONTENT,
    REQUIRED,
    TYPES,
    CellType,
    FileKind,
)
from pipelines.feeds.map_values import Currency, Delimiter, Encoding, TimeFormat, TimeZone, constant_fits

RowClass = Literal["sale", "cancellation", "return", "write_off", "money_adjustment", "ignore"]

STATES = frozenset(state.value for state in Lifecycle if state is not Lifecycle.NONE)
PURCHASE_STATES = frozenset(after for _, _, after in PURCHASE_ORDER_TRANSITIONS)
METHODS = frozenset(method.value for method in PaymentMethod)
SHIPPED = Path(__file__).parent / "maps"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSpec(_Strict):
    """One of our fields: the source column it comes from, and how its text reads."""

    column: str
    type: CellType | None = None
    clean: list[Literal["upper", "lower"]] = []
    prefix: str = ""
    codes: dict[str, str] | None = None
    format: TimeFormat | None = None
    date_only: Literal["start_of_day"] | None = None
    required: bool = False


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class AccountSpec(_Strict):
    """The account that files of this map belong to."""

    name: str
    channel: str
    title: str | None = None
    moves_stock: bool = False


class LocationSpec(_Strict):
    """A place named by the file, and its policies."""

    name: str | None = None
    country: str | None = None
    allows_negative_stock: bool = False
    opening_from_first_balance: bool = False
    valuation: Literal["dated"] = "dated"  # what nothing acts on yet is refused, not taken in silence
    listing: Literal["ever_moved"] = "ever_moved"


class ClassRule(_Strict):
    """Which rows are of which class; the first that fits decides."""

    row_class: RowClass = Field(alias="class")
    when: dict[str, Condition] = {}
    reason: str | None = None


class LineKindRule(_Strict):
    """Which rows are goods and which are fees; the first that fits decides, else goods."""

    kind: LineKind
    when: dict[str, Condition] = {}


class MovementRule(_Strict):
    """A movement that a row states; `quantity` names the field with its units.

    `sign`: `by_kind`, the file writes units above zero and the kind says which way they went; `as_given`, the file
    writes what leaves below zero, and a sign that contradicts the kind holds the row back.
    """

    kind: MovementKind
    quantity: str
    sign: Literal["by_kind", "as_given"] = "by_kind"
    when: dict[str, Condition] = {}


class SnapshotRule(_Strict):
    """The observed balance of a row, and the unit cost beside it."""

    quantity: str
    unit_cost: str | None = None


class Title(_Strict):
    """What people see."""

    en: str
    zh: str


class ColumnMap(_Strict):
    """One file-shaped source."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: Title
    kind: Literal["channel", "warehouse", "catalogue"]
    file: FileKind
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    time_zone: TimeZone = "company"
    account: AccountSpec
    currency: Currency | None = None
    columns: dict[str, Annotated[ColumnSpec, BeforeValidator(_column)]]
    constants: dict[str, str] = {}
    group: list[str] = []
    key: list[str] = []
    classes: list[ClassRule] = []
    line_kinds: list[LineKindRule] = []
    location: str | None = None
    locations: dict[str, LocationSpec] = {}
    movements: list[MovementRule] = []
    snapshot: SnapshotRule | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        given = self.columns.keys() | self.constants.keys()
        for name in REQUIRED[self.file]:
            if name not in given:
                raise ValueError(f"columns: a map of {self.file} needs the field {name!r}")
        allowed = FIELDS.get(self.file)
        if allowed is not None and (unknown := sorted(self.columns.keys() - allowed)):
            raise ValueError(f"columns: unknown field {unknown[0]!r}; known are {', '.join(sorted(allowed))}")
        if self.decimal == self.thousands:
            raise ValueError(f"thousands: {self.thousands!r} stands before the decimals already")
        if both := sorted(self.columns.keys() & self.constants.keys()):
            raise ValueError(f"constants: {both[0]!r} is a column already")
        for place, names in self._references():
            if missing := sorted(set(names) - given):
                raise ValueError(f"{place}: there is no field {missing[0]!r}")
        for name, text in self.constants.items():
            if not constant_fits(text, TYPES.get(name, "text")):
                raise ValueError(f"constants: {text!r} is no value of {name}, which is a {TYPES[name]}")
        self._check_by_kind()
        return self

    def _references(self) -> list[tuple[str, list[str]]]:
        found = [("group", self.group), ("key", self.key)]
        rules: list[tuple[str, ClassRule | LineKindRule | MovementRule]] = []
        rules += [("classes", rule) for rule in self.classes]
        rules += [("line_kinds", rule) for rule in self.line_kinds]
        rules += [("movements", rule) for rule in self.movements]
        found += [(f"{place}.when", list(rule.when)) for place, rule in rules]
        found += [("movements.quantity", [rule.quantity]) for rule in self.movements]
        if self.snapshot:
            costs = [self.snapshot.unit_cost] if self.snapshot.unit_cost else []
            found.append(("snapshot", [self.snapshot.quantity, *costs]))
        return found

    def _check_by_kind(self) -> None:
        if self.file in ("order_lines", "order_items") and not {"unit_price", "line_amount"} & self.columns.keys():
            raise ValueError(f"columns: an {self.file} map needs unit_price or line_amount")
        if self.file in IN_MONEY and self.currency is None and "currency" not in self.columns:
            raise ValueError("currency: say a code, or map a column to the field currency")
        if self.account.moves_stock and self.file in ("order_headers", "order_items"):
            raise ValueError("account.moves_stock: only order_lines say what left, with their order")
        self._check_words()
        if self.file == "order_lines" and self.account.moves_stock and self.location not in self.locations:
            raise ValueError("account.moves_stock: say `location:` and describe it under `locations:`")
        if self.file == "stock_movements" and not (self.movements or self.snapshot):
            raise ValueError("movements: say which field holds the units of which kind of movement")
        if self.file == "stock_snapshot" and not self.snapshot:
            raise ValueError("snapshot: say which field holds the balance")
        if self.file.startswith("stock") and not self.locations:
            raise ValueError("locations: describe each place that the file names")
        priced = "unit_cost" in self.columns if self.file == "products" else self.snapshot and self.snapshot.unit_cost
        if priced and self.currency is None and "currency" not in self.columns:
            raise ValueError("currency: a unit cost needs a currency code")

    def _check_words(self) -> None:
        known = [("status", "no state of an order", PURCHASE_STATES if self.file == "purchase_orders" else STATES)]
        known.append(("method", "no way to pay", METHODS))
        for field, what, words in known:
            said = list((self.columns[field].codes or {}).values()) if field in self.columns else []
            said += [self.constants[field]] if field in self.constants else []
            if unknown := sorted(set(said) - words):
                raise ValueError(f"{field}: {unknown[0]!r} is {what}; they are {', '.join(sorted(words))}")

    @cached_property
    def grouped_by(self) -> list[str]:
        """The fields whose equal values make rows one message."""
        if self.group:
            return self.group
        return GROUPED_BY.get(self.file) or self.key or ["sku"]

    @cached_property
    def key_fields(self) -> list[str]:
        """The fields whose values name a row: within its document for orders, in the whole file otherwise."""
        inner = [name for name in self.key if name not in self.grouped_by or self.file not in KEYED_WITHIN]
        return inner or self.key

    @cached_property
    def content_fields(self) -> list[str]:
        """The mapped fields that make a row what it is, in a fixed order."""
        return sorted(self.columns.keys() - NOT_CONTENT)

    def type_of(self, field: str) -> CellType:
        """How the text of a field reads."""
        spec = self.columns[field]
        numbers = {rule.quantity for rule in self.movements} | ({self.snapshot.quantity} if self.snapshot else set())
        if spec.type is None and field in numbers:
            return "integer"
        if spec.type is None and self.snapshot and field == self.snapshot.unit_cost:
            return "decimal"
        return spec.type or TYPES.get(field, "text")

    def is_required(self, field: str) -> bool:
        """Whether an empty cell holds the row back."""
        return self.columns[field].required or field in REQUIRED[self.file] or field in self.grouped_by

    @cached_property
    def sha256(self) -> str:
        """Digest of what the map says, comments and layout apart."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()


def read_map(path: Path) -> ColumnMap:
    """The map in a YAML file.

    Raises:
        MapError: MAP_UNREADABLE, MAP_INVALID with the place of the first fault.
    """
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        cause = str(error).replace("\n", " ")
        raise MapError("MAP_UNREADABLE", f"{path.name}: {cause}", remedy="Check the path and the YAML.") from None
    try:
        return ColumnMap.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = re.sub(r"^Value error, ", "", first["msg"])
        where = f"{path.name}: {place + ': ' if place else ''}{message}"
        raise MapError("MAP_INVALID", where, remedy="docs/guide/feeds.md describes every key.") from None


def find_map(name: str, home: Path) -> ColumnMap:
    """The map of that name, from the home's `maps/` first, then from those shipped.

    Raises:
        MapError: FORMAT_UNKNOWN.
    """
    for folder in (home / "maps", SHIPPED):
        path = folder / f"{name}.yml"
        if path.is_file():
            return read_map(path)
    known = ", ".join(sorted(_paths(home))) or "none"
    raise MapError("FORMAT_UNKNOWN", f"there is no format {name!r}", remedy=f"Known formats: {known}.")


def all_maps(home: Path) -> list[ColumnMap]:
    """Every map of the home and every shipped one that it does not replace, by name."""
    return [read_map(path) for _, path in sorted(_paths(home).items())]


def _paths(home: Path) -> dict[str, Path]:
    return {path.stem: path for folder in (SHIPPED, home / "maps") for path in sorted(folder.glob("*.yml"))}
