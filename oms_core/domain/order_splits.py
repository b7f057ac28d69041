"""Units of a line and the money that goes with them: for splits, merges and cancellations by line.

Units are worth their largest-remainder share of what the line still holds: however often a line is cut, its parts
have its units, its amount, its discount and its tax exactly.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from oms_core.domain.charges import share_of_units
from oms_core.domain.errors import InvalidRequestError, RuleViolationError

MOST_CHILDREN = 20  # a split order that is split again and again is a mistake, or an attack


class Money(NamedTuple):
    """Amount (after discount, without tax), discount and tax of some units; tax is null where the source gave none."""

    amount: int
    discount: int
    tax: int | None

    def plus(self, other: "Money") -> "Money":
        """Both together; tax is null where neither knows it."""
        tax = None if self.tax is None and other.tax is None else (self.tax or 0) + (other.tax or 0)
        return Money(self.amount + other.amount, self.discount + other.discount, tax)

    def minus(self, other: "Money") -> "Money":
        """What is left without the other; tax stays null where it is not known."""
        tax = None if self.tax is None else self.tax - (other.tax or 0)
        return Money(self.amount - other.amount, self.discount - other.discount, tax)


class Line(NamedTuple):
    """A line as it stands, without what was cancelled or moved away. `busy`: units shipped."""

    line_id: int
    quantity: int
    money: Money
    busy: int = 0
    line_key: str = ""  # how people call it

    @property
    def name(self) -> str:
        """How people call it."""
        return self.line_key or str(self.line_id)

    @property
    def open_units(self) -> int:
        """Units that can still be cancelled or moved."""
        return self.quantity - self.busy


class Part(NamedTuple):
    """Units cut from a line, with what they are worth."""

    line_id: int
    quantity: int
    money: Money


def worth_of(line: Line, units: int) -> Money:
    """What the next `units` cut from the line are worth.

    Raises:
        InvalidRequestError: UNITS_INVALID beyond the units of the line.
    """

    def share(total: int) -> int:
        return share_of_units(total, line.quantity, taken=0, units=units)

    amount, discount, tax = line.money
    return Money(share(amount), share(discount), None if tax is None else share(tax))


def without(line: Line, part: "Part") -> Line:
    """The line when the part is gone."""
    return line._replace(quantity=line.quantity - part.quantity, money=line.money.minus(part.money))


def cut(lines: Sequence[Line], units_by_line: Mapping[int, int]) -> list[Part]:
    """The parts that these units make, in the order of `lines`.

    Raises:
        InvalidRequestError: LINE_UNKNOWN, QUANTITY_INVALID (zero or less, or nothing at all).
        RuleViolationError: LINE_NOT_OPEN where more is asked than neither shipped nor gone.
    """
    by_id = {line.line_id: line for line in lines}
    if not units_by_line:
        raise InvalidRequestError("QUANTITY_INVALID", "no units are named", remedy="Name lines and quantities.")
    for line_id, units in units_by_line.items():
        _require_open(by_id, line_id, units)
    return [
        Part(line.line_id, units_by_line[line.line_id], worth_of(line, units_by_line[line.line_id]))
        for line in lines
        if line.line_id in units_by_line
    ]


def _require_open(by_id: Mapping[int, Line], line_id: int, units: int) -> None:
    line = by_id.get(line_id)
    if line is None:
        raise InvalidRequestError(
            "LINE_UNKNOWN", f"the order has no line {line_id}", remedy="`oms order show` lists its lines.", line=line_id
        )
    if units <= 0:
        raise InvalidRequestError(
            "QUANTITY_INVALID", f"{units} units of line {line.name}", remedy="Name 1 unit or more.", line=line.name
        )
    if units > line.open_units:
        raise RuleViolationError(
            "LINE_NOT_OPEN",
            f"line {line.name} has {line.open_units} open units, {units} are asked for",
            remedy="Take at most what is neither shipped, cancelled nor moved; shipped goods come back by a return.",
            line=line.name,
            open=line.open_units,
            asked=units,
        )


def require_split(lines: Sequence[Line], units_by_line: Mapping[int, int]) -> list[Part]:
    """The parts of the new order; both orders keep at least one unit.

    Raises:
        RuleViolationError: SPLIT_TAKES_ALL where nothing would stay; LINE_NOT_OPEN.
        InvalidRequestError: LINE_UNKNOWN, QUANTITY_INVALID.
    """
    parts = cut(lines, units_by_line)
    staying = sum(line.quantity for line in lines) - sum(part.quantity for part in parts)
    if staying <= 0:
        raise RuleViolationError(
            "SPLIT_TAKES_ALL",
            "a split that takes every unit leaves no order behind",
            remedy="Leave at least one unit, or change the order instead.",
        )
    return parts


class Mergeable(NamedTuple):
    """What two orders must share to become one, and what keeps each from it."""

    number: str
    account: str
    buyer: str | None
    address: str | None  # digest
    currency: str
    prices_include_tax: bool
    lifecycle: str
    shipped: bool
    picking: bool


def require_mergeable(survivor: Mergeable, other: Mergeable) -> None:
    """Nothing, where the other order can be merged into the survivor.

    Raises:
        RuleViolationError: MERGE_REFUSED with every difference.
    """
    differences = [
        name
        for name, same in (
            ("account", survivor.account == other.account),
            ("buyer", survivor.buyer == other.buyer),
            ("address", survivor.address == other.address),
            ("currency", survivor.currency == other.currency),
            ("prices with or without tax", survivor.prices_include_tax == other.prices_include_tax),
        )
        if not same
    ]
    problems = [f"another {name}" for name in differences]
    if survivor.lifecycle != other.lifecycle:
        problems.append(f"{survivor.number} is {survivor.lifecycle} and {other.number} {other.lifecycle}")
    for order in (survivor, other):
        if order.lifecycle not in {"pending", "confirmed"}:
            problems.append(f"{order.number} is {order.lifecycle}")
        if order.shipped:
            problems.append(f"{order.number} has shipped goods")
        if order.picking:
            problems.append(f"{order.number} is being picked")
    if problems:
        raise RuleViolationError(
            "MERGE_REFUSED",
            f"{other.number} cannot be merged into {survivor.number}: {', '.join(problems)}",
            remedy="Merge open orders of one buyer, address and currency before picking; else ship them apart.",
            problems=problems,
        )


def child_number(number: str, taken: set[str]) -> str:
    """The number of the next order split from `number`: 1001-2, 1001-3 … the first part keeps 1001.

    Raises:
        RuleViolationError: SPLIT_TOO_OFTEN after `MOST_CHILDREN` of them.
    """
    for ordinal in range(2, MOST_CHILDREN + 2):
        candidate = f"{number}-{ordinal}"
        if candidate not in taken:
            return candidate
    raise RuleViolationError(
        "SPLIT_TOO_OFTEN",
        f"order {number} has been split {MOST_CHILDREN} times",
        remedy="Merge some of its parts first.",
    )
