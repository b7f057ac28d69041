"""The stock of the sample company as its sites report it, and its price lists.

The sites send tab-separated movements in UTC, packed: a file a month, in the last month a file a day. At the end of
each month they send what they counted; before the first day, what lay there. Some shipments are scanned a day late.
"""

from datetime import UTC, date, datetime, timedelta
from zlib import crc32

from pipelines.sample_company.company import CURRENCY, MARKETPLACE, SHOP_TILL, WEB, Size, business_day
from pipelines.sample_company.feed_text import FeedFile, point_money
from pipelines.sample_company.records import History, Movement

_SITES_HEADER = ["site", "ts", "doc", "pos", "article", "type", "qty", "state", "channel", "order"]
_STOCK_HEADER = ["site", "day", "article", "state", "balance"]
_PRODUCT_HEADER = ["sku", "title", "category", "unit_cost", "valid_from", "currency"]
_MOVEMENT_CODES = {
    "receive": "RCV",
    "ship": "ISS",
    "transfer_out": "TRO",
    "transfer_in": "TRI",
    "return_in": "RTN",
    "adjust_gain": "ADJ+",
    "adjust_loss": "ADJ-",
    "scrap": "SCR",
}
_CHANNEL_CODES = {WEB: "W", MARKETPLACE: "M", SHOP_TILL: "S", "": ""}
_SATURDAY = 5
_CONDITION_CODES = {"sellable": "A", "damaged": "B"}


def site_files(history: History, size: Size) -> list[FeedFile]:
    """Price lists, the opening count, movements, later counts: what must be known before orders take from it."""
    opening, *counts = _stock_files(history)
    return [*_product_files(size), opening, *_movement_files(history, size), *counts]


def _movement_files(history: History, size: Size) -> list[FeedFile]:
    last_month = f"{size.last_day:%Y-%m}"
    files: dict[str, FeedFile] = {}
    for movement in history.movements:
        if movement.by_till:
            continue
        day = min(_reported_on(movement), size.last_day)
        daily = f"{day:%Y-%m}" == last_month  # the sites began to send a file a day
        path = f"sites/movements_{day:%Y-%m-%d}.tsv.gz" if daily else f"sites/movements_{day:%Y-%m}.tsv.gz"
        file = files.setdefault(path, FeedFile(path, "sample_sites", tuple(_SITES_HEADER), delimiter="\t"))
        file.rows.append(_movement_row(movement))
    return [files[path] for path in sorted(files)]


def _reported_on(movement: Movement) -> date:
    """The day a movement is reported: one shipment in forty is scanned on the next working day only."""
    day = business_day(movement.at)
    if movement.kind != "ship" or crc32(movement.document.encode()) % 40:
        return day
    return day + timedelta(days=2 if day.weekday() == _SATURDAY else 1)


def _movement_row(movement: Movement) -> list[str]:
    return [
        movement.location,
        f"{datetime.fromtimestamp(movement.at, tz=UTC):%Y-%m-%dT%H:%M:%SZ}",
        movement.document,
        str(movement.position),
        movement.sku,
        _MOVEMENT_CODES[movement.kind],
        str(movement.units),
        _CONDITION_CODES[movement.condition],
        _CHANNEL_CODES[movement.order_account],
        movement.order_number,
    ]


def _stock_files(history: History) -> list[FeedFile]:
    files: dict[date, FeedFile] = {}
    for balance in history.opening + history.balances:
        path = f"sites/stock_{balance.day:%Y-%m-%d}.txt"
        fresh = FeedFile(path, "sample_stock", tuple(_STOCK_HEADER), delimiter="|")
        condition = _CONDITION_CODES[balance.condition]
        row = [balance.location, f"{balance.day:%d/%m/%Y}", balance.sku, condition, str(balance.units)]
        files.setdefault(balance.day, fresh).rows.append(row)
    return [files[day] for day in sorted(files)]


def _product_files(size: Size) -> list[FeedFile]:
    files = []
    for valid_from, later in ((date(size.first_day.year, 1, 1), False), (size.cost_change_day, True)):
        file = FeedFile(
            f"products/pricelist_{valid_from:%Y-%m-%d}.csv",
            "sample_products",
            tuple(_PRODUCT_HEADER),
            encoding="utf-8-sig",
        )
        for product in size.products:
            cost = product.later_cost if later else product.cost
            title = f"{product.title} {product.chinese_title}"
            category = product.category.name
            file.rows.append([product.sku, title, category, point_money(cost), f"{valid_from}", CURRENCY])
        files.append(file)
    return files
