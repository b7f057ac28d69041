"""The plain model's state: what a company should look like, in dicts and whole numbers. No import of the core.

`plain_orders`, `plain_goods`, `plain_parcels`, `plain_money` and `plain_returns` say what each command does to it. A
command that a rule forbids raises `Refused` with the codes it may be refused with.
"""

from dataclasses import dataclass, field
from typing import Any

SITES = ("EAST", "MAIN")
ROAD = "ROAD"
GOODS = ("CUP", "MUG")
SET = "SET"  # a bundle: two mugs and a cup
PARTS = {"CUP": 1, "MUG": 2}


class Refused(Exception):  # noqa: N818 - what a rule says, no failure
    """A rule says no; nothing changes."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = codes


def refuse_if(broken: object, *codes: str) -> None:
    """Refuse where the rule is broken."""
    if broken:
        raise Refused(*codes)


def refuse_any(rules: dict[str, object]) -> None:
    """Refuse with the codes of every broken rule: which of several comes first is not the model's business."""
    broken = [code for code, it in rules.items() if it]
    refuse_if(broken, *broken)


@dataclass
class Line:
    """A line of an order and where its units are. Amounts in cents, of the whole line, without tax."""

    sku: str
    quantity: int
    price: int
    amount: int
    discount: int = 0
    tax: int = 0
    is_goods: bool = True  # it ships; a bundle's line does not
    bundle: str | None = None  # key of the bundle's line
    parts_of_one: int = 1
    origin: str | None = None  # order it was placed with
    origin_key: str = ""
    cancelled: int = 0
    moved: int = 0
    shipped: int = 0
    delivered: int = 0
    requested: int = 0
    returned: int = 0
    restocked: int = 0
    written_off: int = 0
    sent_back: int = 0
    gone_amount: int = 0  # of cancelled and moved units
    gone_tax: int = 0

    @property
    def wanted(self) -> int:
        """Units that are to reach the customer."""
        return self.quantity - self.cancelled - self.moved


@dataclass
class Tender:
    """What happened to one payment, in cents."""

    method: str
    card: int | None = None
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    charged_back: int = 0
    failed: bool = False

    @property
    def paid(self) -> int:
        """What the shop holds."""
        return self.captured - self.refunded - self.charged_back

    @property
    def open(self) -> int:
        """What may still be captured or voided."""
        return max(0, self.authorized - self.captured - self.voided)


@dataclass
class Order:
    """An order with its lines by key, tenders by name and the kinds of its open holds."""

    number: str
    state: str
    terms: str
    customer: str
    family: str = ""  # orders split from one another or merged share their money
    priority: int = 0
    version: int = 1
    extra: int = 0  # order-level rows, in cents
    lines: dict[str, Line] = field(default_factory=dict)
    tenders: dict[str, Tender] = field(default_factory=dict)
    holds: list[str] = field(default_factory=list)
    was_confirmed: bool = False

    @property
    def total(self) -> int:
        """What the order costs as it stands."""
        return self.extra + sum(
            line.amount + line.tax - line.gone_amount - line.gone_tax for line in self.lines.values()
        )


@dataclass
class Parcel:
    """A shipment: units by line key, and what was picked of them."""

    order: str
    location: str
    state: str
    planned: dict[str, int]
    picked: dict[str, int] = field(default_factory=dict)


@dataclass
class Promise:
    """A reservation: units of a line at a place until an instant."""

    order: str
    line: str
    location: str
    units: int
    expires_at: int
    ended: str | None = None


Place = tuple[str, str, str]  # sku, location, condition


@dataclass
class Company:
    """Everything the model knows."""

    now: int
    orders: dict[str, Order] = field(default_factory=dict)
    on_hand: dict[Place, int] = field(default_factory=dict)
    allocated: dict[tuple[str, str, str], int] = field(default_factory=dict)  # order, line, location
    reserved: dict[tuple[str, str, str], int] = field(default_factory=dict)
    promises: dict[int, Promise] = field(default_factory=dict)
    parcels: dict[str, Parcel] = field(default_factory=dict)
    purchases: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: set[str] = field(default_factory=set)
    transfers: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    approvals: dict[str, dict[str, Any]] = field(default_factory=dict)
    returns: dict[str, dict[str, Any]] = field(default_factory=dict)
    cards: dict[int, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)  # code of a card: its id
    references: set[tuple[str, str]] = field(default_factory=set)
    commands: int = 0
    is_short: bool = False  # goods left that were promised to others

    def move(self, sku: str, location: str, units: int, condition: str = "sellable") -> None:
        """Book units; sellable stock never falls below what is promised of it."""
        place = (sku, location, condition)
        left = self.on_hand.get(place, 0) + units
        promised = self.promised(sku, location) if condition == "sellable" else 0
        refuse_if(left < promised and units < 0, "STOCK_SHORT")
        self.on_hand[place] = left

    def promised(self, sku: str, location: str) -> int:
        """Units of a place that belong to lines already."""
        both = (self.allocated, self.reserved)
        return sum(
            units
            for book in both
            for (order, line, place), units in book.items()
            if place == location and self.orders[order].lines[line].sku == sku
        )

    def free(self, sku: str, location: str) -> int:
        """Units that can still be promised."""
        return self.on_hand.get((sku, location, "sellable"), 0) - self.promised(sku, location)

    def held_for(self, order: str, line: str) -> int:
        """Units promised to a line anywhere."""
        both = (self.allocated, self.reserved)
        return sum(units for book in both for key, units in book.items() if key[:2] == (order, line))

    def waiting(self, order: str, line: str) -> int:
        """Units of a line that nobody has promised yet."""
        it = self.orders[order].lines[line]
        return it.wanted - it.shipped - self.held_for(order, line) if it.is_goods else 0

    def end_promise(self, promise_id: int, how: str) -> None:
        """Post, void or expire one reservation."""
        it = self.promises[promise_id]
        key = (it.order, it.line, it.location)
        self.promise(self.reserved, key, -it.units)
        if how == "post":
            self.promise(self.allocated, key, it.units)
        it.ended = how

    def promise(self, book: dict[tuple[str, str, str], int], key: tuple[str, str, str], units: int) -> None:
        """Change what is promised to a line at a place."""
        book[key] = book.get(key, 0) + units
        assert book[key] >= 0, f"{key} would be promised {book[key]}"
        sku = self.orders[key[0]].lines[key[1]].sku
        assert self.free(sku, key[2]) >= 0, f"{sku} at {key[2]} would be sold twice"

    def kin(self, number: str) -> list[Order]:
        """The order and all that were split from it or merged with it, as they were placed."""
        return [it for it in self.orders.values() if it.family == self.orders[number].family]

    def tenders(self, number: str) -> list[Tender]:
        """The payments of an order's family, the first placed first."""
        return [tender for it in self.kin(number) for tender in it.tenders.values()]

    def tender(self, number: str, name: str) -> Tender | None:
        """The payment of this name: the order's own before those of its family."""
        for it in [self.orders[number], *self.kin(number)]:
            if name in it.tenders:
                return it.tenders[name]
        return None

    def total(self, number: str) -> int:
        """What the family costs."""
        return sum(it.total for it in self.kin(number))

    def missing(self, number: str) -> int:
        """What nobody has paid or promised yet."""
        return max(0, self.total(number) - sum(t.paid + t.open for t in self.tenders(number)))

    # --- what must be equal in the core -------------------------------------------------------------

    def facts(self) -> dict[str, dict[Any, Any]]:
        """All that a reader could compare, by kind."""
        return {
            "balances": self._balances(),
            "orders": {number: (it.state, it.total, len(it.holds)) for number, it in self.orders.items()},
            "lines": self._lines(),
            "promises": self._promises(),
            "tenders": {
                (number, name): (t.authorized, t.captured, t.voided, t.refunded, t.charged_back)
                for number, order in self.orders.items()
                for name, t in order.tenders.items()
            },
            "cards": {number: (units,) for number, units in self.cards.items()},
            "parcels": {number: (it.state,) for number, it in self.parcels.items()},
            "purchases": {
                (number, sku): (po["state"], *line)
                for number, po in self.purchases.items()
                for sku, line in po["lines"].items()
            },
            "transfers": {number: (it["state"],) for number, it in self.transfers.items()},
            "counts": {number: (it["state"],) for number, it in self.counts.items()},
            "approvals": {number: (it["state"],) for number, it in self.approvals.items()},
            "returns": {number: (it["state"],) for number, it in self.returns.items()},
            "commands": {"": (self.commands,)},
        }

    def _balances(self) -> dict[Place, tuple[int, int]]:
        return {
            place: (units, self.promised(*place[:2]) if place[2] == "sellable" else 0)
            for place, units in self.on_hand.items()
            if units
        }

    def _lines(self) -> dict[tuple[str, str], tuple[int, ...]]:
        return {
            (number, key): (
                it.quantity,
                it.cancelled,
                it.moved,
                it.shipped,
                it.delivered,
                it.requested,
                it.returned,
                it.restocked,
                it.written_off,
                it.sent_back,
                it.gone_amount,
                it.gone_tax,
            )
            for number, order in self.orders.items()
            for key, it in order.lines.items()
        }

    def _promises(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        keys = {key for book in (self.allocated, self.reserved) for key, units in book.items() if units}
        return {key: (self.reserved.get(key, 0), self.allocated.get(key, 0)) for key in keys}
