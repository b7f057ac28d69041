"""What raises a hold: each check takes an order's own words and the limits, and answers with its findings.

Checks are pure and cheap; the look-alike search, which needs other orders, is in `look_alike`.
"""

import functools
import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from oms_core.domain.holds import Finding, HoldLimits
from oms_core.domain.money import Exact
from oms_core.domain.order_requests import Address
from oms_core.domain.orders import HoldKind


class CheckedLine(NamedTuple):
    """What the checks need of a line of goods; prices at their own scales."""

    sku: str
    quantity: int
    unit_price: Exact | None
    list_price: Exact | None


def address_findings(address: Address | None, limits: HoldLimits) -> list[Finding]:
    """One finding where the address is missing or cannot be right, naming the fields and no personal text."""
    if address is None:
        return [Finding(HoldKind.ADDRESS, "there is no address to deliver to")]
    missing = [name for name in limits.address_required if not (getattr(address, name) or "").strip()]
    if missing:
        return [Finding(HoldKind.ADDRESS, f"the address lacks {', '.join(missing)}")]
    pattern = (limits.postcode_patterns or {}).get(address.country or "")
    if pattern is not None and not _matcher(pattern).fullmatch((address.postcode or "").strip()):
        return [Finding(HoldKind.ADDRESS, f"the postcode does not have the form of {address.country}")]
    return []


@functools.lru_cache(maxsize=256)
def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def price_findings(lines: Sequence[CheckedLine], limits: HoldLimits) -> list[Finding]:
    """One finding where a unit costs too little or too much beside its list price; no list price, no finding."""
    found = []
    for line in lines:
        if line.unit_price is None or line.list_price is None or line.list_price.units <= 0:
            continue
        scale = max(line.unit_price.scale, line.list_price.scale)
        price, listed = line.unit_price.at(scale) * 100, line.list_price.at(scale)
        low, high = listed * limits.price_below_percent, listed * limits.price_above_percent
        if not low <= price <= high:
            found.append(f"{line.sku} at {line.unit_price.decimal} (list price {line.list_price.decimal})")
    return [Finding(HoldKind.PRICE_OUTLIER, "; ".join(found))] if found else []


def quantity_findings(lines: Sequence[CheckedLine], limits: HoldLimits) -> list[Finding]:
    """One finding where a line or the whole order asks for more units than usual."""
    by_sku = limits.units_by_sku or {}
    found = [
        f"{line.quantity:,} of {line.sku} (usual: up to {most:,})"
        for line in lines
        if line.quantity > (most := by_sku.get(line.sku, limits.units_per_line))
    ]
    units = sum(line.quantity for line in lines)
    if units > limits.units_per_order:
        found.append(f"{units:,} units in all (usual: up to {limits.units_per_order:,})")
    return [Finding(HoldKind.QUANTITY_OUTLIER, "; ".join(found))] if found else []


def payment_findings(total: int, covered: int) -> list[Finding]:
    """One finding where something is paid or authorised, but less than the order costs.

    An order nobody paid yet is no finding: it waits for its payment anyway.
    """
    if 0 < covered < total:
        return [Finding(HoldKind.PAYMENT, "the payments cover less than the order costs")]
    return []


def blocklist_findings(
    *, customer: str | None, contacts: Sequence[str | None], country: str | None, limits: HoldLimits
) -> list[Finding]:
    """One finding where the buyer, a contact or the country is on the blocklist; names which, not the text."""
    found = []
    if customer is not None and customer in limits.blocked_customers:
        found.append("customer")
    if limits.blocked_contacts and any(contact_digest(it) in limits.blocked_contacts for it in contacts if it):
        found.append("contact")
    if country is not None and country in limits.blocked_countries:
        found.append("country")
    return [Finding(HoldKind.BLOCKLIST, f"on the blocklist: {', '.join(found)}")] if found else []


def contact_digest(contact: str) -> str:
    """The digest under which an e-mail address or a phone number stands in the blocklist."""
    text = contact.strip().casefold()
    if "@" not in text:
        text = "".join(sign for sign in text if sign.isdecimal())
    return hashlib.sha256(text.encode()).hexdigest()


def address_digest(address: Address) -> str | None:
    """The digest of an address without regard to case, spaces and punctuation; null where there is no street."""
    if not (address.street or "").strip():
        return None
    parts = (address.name, address.street, address.city, address.postcode, address.country)
    text = "|".join("".join(filter(str.isalnum, (part or "").casefold())) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()
