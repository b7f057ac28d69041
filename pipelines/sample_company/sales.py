"""From a wish to an order: what is there is sold, what is not is lost, and the lines are priced.

Money is whole euro cents without tax.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.sample_company.catalogue import Product
from pipelines.sample_company.company import MARKETPLACE, WEB, Promotion
from pipelines.sample_company.demand import Wish
from pipelines.sample_company.randomness import Stream
from pipelines.sample_company.records import Line
from pipelines.sample_company.stockroom import Stockroom

_FREE_POSTAGE_FROM = 6000
_POSTAGE = {"DE": 390, "AT": 690, "FR": 890, "NL": 790}
_GIFT_WRAP = 250
_GIFT_WRAP_PER_MILLE = 60
_SAMPLE_PER_MILLE = 12
_SAMPLE_SKU = "TEA-01"


@dataclass(frozen=True, slots=True)
class Pick:
    """Units of a product taken from one site for an order line."""

    location: str
    product: Product
    wanted: int
    units: int


def pick_goods(wish: Wish, locations: Sequence[str], stockroom: Stockroom) -> list[Pick]:
    """Where each wanted product comes from: whole from the first site that has it, else what the fullest has."""
    return [_pick(product, wanted, locations, stockroom) for product, wanted in wish.products]


def _pick(product: Product, wanted: int, locations: Sequence[str], stockroom: Stockroom) -> Pick:
    free = {location: max(stockroom.free(location, product.sku), 0) for location in locations}
    whole = next((location for location in locations if free[location] >= wanted), None)
    location = whole or max(locations, key=lambda one: free[one])
    return Pick(location, product, wanted, min(wanted, free[location]))


def goods_lines(
    picks: Sequence[Pick], *, account: str, promotion: Promotion | None, cancelled: Sequence[int]
) -> list[Line]:
    """The order's goods, priced: a promotion lowers web prices, cancelled units cost nothing."""
    lines = []
    for number, (pick, gone) in enumerate(zip(picks, cancelled, strict=True), start=1):
        product = pick.product
        gross = product.price * (pick.units - gone)
        on_offer = account == WEB and promotion is not None and promotion.category == product.category.code
        discount = gross * promotion.discount_per_cent // 100 if on_offer and promotion is not None else 0
        amount = gross - discount
        lines.append(
            Line(number, "item", product.sku, product.title, pick.units, product.price, discount, amount, gone)
        )
    return lines


def extra_lines(account: str, country: str, goods: Sequence[Line], stream: Stream) -> list[Line]:
    """Postage of the web shop, gift wrapping of both online accounts."""
    lines: list[Line] = []
    number = len(goods) + 1
    if account == WEB and sum(line.amount for line in goods) < _FREE_POSTAGE_FROM:
        price = _POSTAGE[country]
        lines.append(Line(number, "shipping", "POST", f"Postage {country}", 1, price, 0, price))
        number += 1
    if account in {WEB, MARKETPLACE} and stream.chance(_GIFT_WRAP_PER_MILLE):
        lines.append(Line(number, "fee", "WRAP", "Gift wrapping", 1, _GIFT_WRAP, 0, _GIFT_WRAP))
    return lines


def free_sample(number: int, stockroom: Stockroom, location: str, stream: Stream) -> Line | None:
    """Now and then the web shop adds a packet of tea at no charge: it leaves the stock and is no sale."""
    if stream.chance(_SAMPLE_PER_MILLE) and stockroom.free(location, _SAMPLE_SKU) > 0:
        return Line(number, "item", _SAMPLE_SKU, "Tea sample, free", 1, 0, 0, 0)
    return None


def cancelled_units(account: str, picks: Sequence[Pick], stream: Stream, per_mille: int) -> list[int]:
    """Units called off of each line before the order leaves; only marketplace customers change their mind in part."""
    gone = [0] * len(picks)
    if account == MARKETPLACE and stream.chance(per_mille):
        position = next((place for place, pick in enumerate(picks) if pick.units > 1), None)
        if position is not None:
            gone[position] = 1
    return gone
