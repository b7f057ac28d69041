"""The orders and returns of the sample company as its three channels export them, a file a month.

Each source has habits of its own, so that the maps `pipelines/feeds/maps/sample_*.yml` have something to say: the web
shop repeats the last days in the next file with newer versions, the marketplace writes German numbers and local
times and sends a month twice, the till writes Chinese headers in GB18030.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TypeVar

from pipelines.sample_company.catalogue import PRODUCTS
from pipelines.sample_company.company import MARKETPLACE, SHOP_TILL, WEB, Size, business_day, instant, local
from pipelines.sample_company.feed_text import FeedFile, comma_money, point_money
from pipelines.sample_company.people import email_of, name_of
from pipelines.sample_company.records import History, Line, Order, Return

Fact = TypeVar("Fact", Order, Return)

OPEN_DAYS = 5  # an order this young when the file is written is still open in it
_EVENING = 20 * 60  # what is cancelled later on a month's last day comes with the next file
_OVERLAP_DAYS = 8  # the web shop's next file repeats these days

_WEB_HEADER = [
    "order_no",
    "line_no",
    "version",
    "type",
    "article",
    "title",
    "qty",
    "price",
    "discount",
    "net_amount",
    "tax",
    "state",
    "ordered_at",
    "country",
    "customer",
    "name",
    "email",
    "original_order",
    "reason",
]
_MARKETPLACE_HEADER = [
    "Bestellnummer",
    "Position",
    "Vorgang",
    "Artikel",
    "Bezeichnung",
    "Menge",
    "Storniert",
    "Einzelpreis",
    "Betrag",
    "Status",
    "Bestelldatum",
    "Land",
    "Käufer",
    "Ursprungsbestellung",
    "Grund",
]
_TILL_HEADER = ["单号", "行号", "类型", "货号", "品名", "数量", "单价", "金额", "时间", "原单号"]
_CHINESE_TITLES = {product.sku: product.chinese_title for product in PRODUCTS}


def channel_files(history: History, size: Size) -> list[FeedFile]:
    """The files of every channel, in the order in which they were written."""
    return [*_web_files(history, size), *_marketplace_files(history, size), *_till_files(history)]


def _by_month(facts: Iterable[Fact], at: Callable[[Fact], int]) -> dict[str, list[Fact]]:
    months: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        months[f"{business_day(at(fact)):%Y-%m}"].append(fact)
    return dict(sorted(months.items()))


def _month_end(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def order_state(order: Order, written_on: date, *, known_until: int | None = None) -> str:
    """What a file written in the night after `written_on` says of an order: open, done or void.

    Cancellations after `known_until` (seconds since 1970 UTC) have not reached the file yet.
    """
    if order.account == SHOP_TILL:
        return "done"
    if order.cancelled_at is not None and (known_until is None or order.cancelled_at <= known_until):
        return "void"
    return "open" if (written_on - business_day(order.placed_at)).days < OPEN_DAYS else "done"


def _web_files(history: History, size: Size) -> list[FeedFile]:
    orders = _by_month((one for one in history.orders if one.account == WEB), lambda one: one.placed_at)
    returns = _by_month((one for one in history.returns if one.account == WEB), lambda one: one.returned_at)
    files = []
    earlier: list[Order] = []
    for month, placed in orders.items():
        end = _month_end(month)
        file = FeedFile(f"web/orders_{month}.csv.gz", "sample_web", tuple(_WEB_HEADER))
        known_until = None if end >= size.last_day else instant(end, minute=_EVENING)
        for order in earlier + placed:
            state = order_state(order, end, known_until=known_until)
            file.rows.extend(_web_row(order, line, state) for line in order.lines)
        file.rows.extend(_web_return_row(one) for one in returns.get(month, []))
        earlier = [one for one in placed if (end - business_day(one.placed_at)).days < _OVERLAP_DAYS]
        files.append(file)
    return files


def _web_article(sku: str, number: str) -> str:
    return sku.lower() if number.endswith("7") else sku  # the shop system is careless about case


def _web_row(order: Order, line: Line, state: str) -> list[str]:
    person = int(order.customer[1:])
    return [
        order.number,
        str(line.number),
        "1" if state == "open" else "2",
        "S",
        _web_article(line.sku, order.number),
        line.title,
        str(line.quantity),
        point_money(line.unit_price),
        point_money(line.discount),
        point_money(line.amount),
        point_money((line.amount * 19 + 50) // 100),
        state,
        local(order.placed_at).isoformat(),
        order.country,
        order.customer,
        name_of(person),
        email_of(person),
        "",
        "",
    ]


def _web_return_row(back: Return) -> list[str]:
    line, person = back.line, int(back.customer[1:])
    return [
        back.number,
        str(line.number),
        "1",
        "R",
        line.sku,
        line.title,
        str(line.quantity),
        point_money(line.unit_price),
        point_money(0),
        point_money(line.amount),
        point_money((line.amount * 19 + 50) // 100),
        "done",
        local(back.returned_at).isoformat(),
        back.country,
        back.customer,
        name_of(person),
        email_of(person),
        back.order_number or "",
        back.reason,
    ]


def _marketplace_files(history: History, size: Size) -> list[FeedFile]:
    orders = _by_month((one for one in history.orders if one.account == MARKETPLACE), lambda one: one.placed_at)
    returns = _by_month((one for one in history.returns if one.account == MARKETPLACE), lambda one: one.returned_at)
    states = {"open": "offen", "done": "erledigt", "void": "storniert"}
    files = []
    for month, placed in orders.items():
        written_on = min(_month_end(month) + timedelta(days=OPEN_DAYS), size.last_day)
        file = FeedFile(
            f"marketplace/Bestellungen_{month}.csv",
            "sample_marketplace",
            tuple(_MARKETPLACE_HEADER),
            encoding="cp1252",
            delimiter=";",
        )
        for order in placed:
            state = states[order_state(order, written_on)]
            file.rows.extend(_marketplace_row(order, line, state) for line in order.lines)
        file.rows.extend(_marketplace_return_row(one) for one in returns.get(month, []))
        files.append(file)
    again = files[-2]
    resent = FeedFile(
        again.path.replace(".csv", "_erneut.csv"), again.format, again.header, again.rows, "cp1252", again.delimiter
    )
    return [*files, resent]  # the marketplace sends one month twice


def _marketplace_row(order: Order, line: Line, state: str) -> list[str]:
    return [
        order.number,
        str(line.number),
        "Kauf",
        line.sku,
        line.title,
        str(line.quantity),
        str(line.cancelled),
        comma_money(line.unit_price),
        comma_money(line.amount),
        state,
        f"{local(order.placed_at):%d.%m.%Y %H:%M:%S}",
        order.country,
        f"käufer-{order.customer[1:]}",
        "",
        "",
    ]


def _marketplace_return_row(back: Return) -> list[str]:
    line = back.line
    return [
        back.number,
        str(line.number),
        "Retoure",
        line.sku,
        line.title,
        str(line.quantity),
        "0",
        comma_money(line.unit_price),
        comma_money(line.amount),
        "erledigt",
        f"{local(back.returned_at):%d.%m.%Y %H:%M:%S}",
        back.country,
        f"käufer-{back.customer[1:]}",
        back.order_number or "",
        back.reason,
    ]


def _till_files(history: History) -> list[FeedFile]:
    orders = _by_month((one for one in history.orders if one.account == SHOP_TILL), lambda one: one.placed_at)
    returns = _by_month((one for one in history.returns if one.account == SHOP_TILL), lambda one: one.returned_at)
    files = []
    for month, placed in orders.items():
        file = FeedFile(
            f"shop/销售_{month}.tsv", "sample_shop", tuple(_TILL_HEADER), encoding="gb18030", delimiter="\t"
        )
        for order in placed:
            file.rows.extend(_till_row(order.number, line, "销售", order.placed_at, "") for line in order.lines)
        for back in returns.get(month, []):
            file.rows.append(_till_row(back.number, back.line, "退货", back.returned_at, back.order_number or ""))
        files.append(file)
    return files


def _till_row(number: str, line: Line, kind: str, at: int, original: str) -> list[str]:
    return [
        number,
        str(line.number),
        kind,
        line.sku,
        _CHINESE_TITLES[line.sku],
        str(line.quantity),
        point_money(line.unit_price),
        point_money(line.amount),
        f"{local(at):%Y/%m/%d %H:%M:%S}",
        original,
    ]
