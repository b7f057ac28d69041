"""Charges of an order: shares that add up, tax, line and order totals, and the base amount. All integers.

Every amount is an integer at a known number of digits (see `oms_core.domain.money`). Where a fraction has to go,
it goes in exactly one place, `divide_half_up`; where a whole has to be shared, `allocate_by_largest_remainder`
shares it without losing a cent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.money import Exact, currency_digits, from_scaled, parse_exact

MILLION = 1_000_000  # a rate of 190000 per million is 19 %


def divide_half_up(numerator: int, denominator: int) -> int:
    """The quotient to the nearest integer, halves away from zero: the one rounding step of all money here.

    Half-up, as invoices and tax offices round; away from zero, so that a refund is the exact mirror of its sale.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


def to_digits(amount: Exact, digits: int) -> int:
    """The amount as an integer at `digits` digits, rounded once where it has more."""
    if amount.scale <= digits:
        return amount.at(digits)
    return divide_half_up(amount.units, 10 ** (amount.scale - digits))


def posted(amount: Exact, currency: str) -> int:
    """The amount as it is paid: an integer at the currency's own digits, rounded once."""
    return to_digits(amount, currency_digits(currency))


def parse_amount(text: str, currency: str) -> int:
    """The amount that `text` writes with a point, at the currency's digits; nothing is rounded.

    Raises:
        InvalidRequestError: AMOUNT_INVALID for no number above 0, or more digits than the currency has.
    """
    digits = currency_digits(currency)
    try:
        exact = parse_exact(text)
    except ValueError:
        exact = Exact(0, 0)
    units = to_digits(exact, digits)
    if units <= 0 or Exact(units, digits).decimal != exact.decimal:
        raise InvalidRequestError(
            "AMOUNT_INVALID",
            f"{text!r} is no amount of {currency}",
            remedy=f"Write a number above 0 with a point and at most {digits} digits after it.",
        )
    return units


def amount_text(units: int, currency: str) -> str:
    """A posted amount as written: 1250 of EUR is 12.50."""
    return f"{from_scaled(units, currency_digits(currency)):f}"


# --- shares ----------------------------------------------------------------------------------------


def allocate_by_largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Integer shares of `total` in proportion to `weights`; they add up to `total` exactly.

    Each share is its exact quota rounded down or up; the units left over go to the largest remainders, ties to the
    earlier position. A negative total gives the negated shares of its positive. Weights that are all zero share
    evenly; a zero weight beside others gets nothing. Source: Hamilton's method.

    Raises:
        InvalidRequestError: WEIGHTS_INVALID for a negative weight, or no weight at all for a total that is not 0.
    """
    if any(weight < 0 for weight in weights) or (total and not weights):
        raise InvalidRequestError(
            "WEIGHTS_INVALID",
            f"{total} cannot be shared by the weights {list(weights)}",
            remedy="Give at least one weight, none below 0.",
        )
    if total < 0:
        return [-share for share in allocate_by_largest_remainder(-total, weights)]
    shown = weights if any(weights) else [1] * len(weights)
    whole = sum(shown)
    shares = [total * weight // whole for weight in shown]
    remainders = [total * weight % whole for weight in shown]
    by_remainder = sorted(range(len(shown)), key=lambda position: (-remainders[position], position))
    for position in by_remainder[: total - sum(shares)]:
        shares[position] += 1
    return shares


def share_of_units(total: int, quantity: int, *, taken: int, units: int) -> int:
    """What the next `units` of a line are worth, after `taken` of its `quantity` units: 10.00 of 3 is 3.34, 3.33, 3.33.

    The largest remainder over the single units, so parts taken one after the other add up to `total` exactly.

    Raises:
        InvalidRequestError: UNITS_INVALID for units that the line does not have.
    """
    if quantity <= 0 or taken < 0 or units < 0 or taken + units > quantity:
        raise InvalidRequestError(
            "UNITS_INVALID",
            f"{units} more units after {taken} are not within a line of {quantity}",
            remedy="Take at most what is left of the line.",
        )
    if total < 0:
        return -share_of_units(-total, quantity, taken=taken, units=units)
    each, extra = divmod(total, quantity)
    return each * units + min(taken + units, extra) - min(taken, extra)


def discount_shares(discount: int, amounts: Sequence[int]) -> list[int]:
    """A discount on several lines, shared by their amounts; no line is discounted below 0.

    Raises:
        RuleViolationError: DISCOUNT_TOO_LARGE where the discount exceeds the lines' amounts together.
        InvalidRequestError: DISCOUNT_INVALID for a discount below 0.
    """
    if discount < 0:
        raise InvalidRequestError(
            "DISCOUNT_INVALID", f"a discount of {discount}", remedy="Give the discount as a positive amount."
        )
    if discount > sum(amounts):
        raise RuleViolationError(
            "DISCOUNT_TOO_LARGE",
            f"a discount of {discount} on lines worth {sum(amounts)}",
            remedy="Lower the discount to what the lines are worth.",
            discount=discount,
            lines_worth=sum(amounts),
        )
    return allocate_by_largest_remainder(discount, amounts)


# --- tax and totals --------------------------------------------------------------------------------


def tax_of(amount: int, rate_per_million: int, *, inclusive: bool) -> int:
    """The tax in (`inclusive`) or on an amount, at the amount's own digits, rounded once.

    Inclusive: the tax is the part of the amount that is tax, so amount − tax + tax gives the price to the cent.

    Raises:
        InvalidRequestError: TAX_RATE_INVALID for a rate below 0.
    """
    if rate_per_million < 0:
        raise InvalidRequestError(
            "TAX_RATE_INVALID", f"a tax rate of {rate_per_million} per million", remedy="Give a rate of 0 or more."
        )
    return divide_half_up(amount * rate_per_million, MILLION + (rate_per_million if inclusive else 0))


@dataclass(frozen=True, slots=True)
class LineCharge:
    """What a line costs before anything is worked out; `unit_price` and `discount` at `digits` digits."""

    quantity: int
    unit_price: int
    digits: int
    discount: int = 0
    tax_per_million: int = 0


@dataclass(frozen=True, slots=True)
class LineTotals:
    """A line worked out: `amount` is after discount and without tax; `total` is what the line costs."""

    amount: int
    discount: int
    tax: int
    digits: int

    @property
    def total(self) -> int:
        """Amount and tax together."""
        return self.amount + self.tax


def line_totals(line: LineCharge, *, prices_include_tax: bool) -> LineTotals:
    """The line's amount, discount and tax; price × quantity − discount (+ tax where not included) = total.

    Raises:
        RuleViolationError: DISCOUNT_TOO_LARGE where the discount exceeds the price of the line.
    """
    gross = line.quantity * line.unit_price
    if not 0 <= line.discount <= max(gross, 0):
        raise RuleViolationError(
            "DISCOUNT_TOO_LARGE",
            f"a discount of {line.discount} on a line worth {gross}",
            remedy="Give a discount from 0 to what the line is worth.",
            discount=line.discount,
            line_worth=gross,
        )
    charged = gross - line.discount
    tax = tax_of(charged, line.tax_per_million, inclusive=prices_include_tax)
    return LineTotals(charged - tax if prices_include_tax else charged, line.discount, tax, line.digits)


@dataclass(frozen=True, slots=True)
class OrderTotal:
    """An order's sum: `exact` as the rows give it, `payable` at the currency's digits, rounded once."""

    exact: Exact
    payable: int
    digits: int

    @property
    def rounding(self) -> Exact:
        """What rounding added to the exact sum; 0 where every row has the currency's digits or fewer."""
        scale = max(self.exact.scale, self.digits)
        return Exact(Exact(self.payable, self.digits).at(scale) - self.exact.at(scale), scale)


def sum_exact(amounts: Iterable[Exact]) -> Exact:
    """The exact sum, at the largest scale among the amounts (0 for none)."""
    listed = list(amounts)
    scale = max((amount.scale for amount in listed), default=0)
    return Exact(sum(amount.at(scale) for amount in listed), scale)


def order_total(line_amounts: Iterable[Exact], order_rows: Iterable[Exact], *, currency: str) -> OrderTotal:
    """Line totals (amount and tax of each) plus order-level rows (surcharges positive, discounts negative)."""
    exact = sum_exact([*line_amounts, *order_rows])
    return OrderTotal(exact, posted(exact, currency), currency_digits(currency))


# --- base amounts ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rate:
    """Base units for one unit of another currency, as an integer at `scale` digits: 0.1275 is Rate(1275, 4)."""

    units: int
    scale: int


def base_amount(amount: int, currency: str, rate: Rate, base_currency: str) -> int:
    """The posted amount in the base currency, at its digits, rounded once; mirrored for negative amounts."""
    numerator = amount * rate.units * int(10 ** currency_digits(base_currency))
    return divide_half_up(numerator, int(10 ** (currency_digits(currency) + rate.scale)))
