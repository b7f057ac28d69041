"""What every number of the sample company must be, counted from its history alone.

Nothing of the core, the feeds or the models is used here: where they disagree with this file, one of them is wrong.
Money is whole euro cents without tax, time is whole seconds, quantities are units.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from pipelines.sample_company.channel_files import order_state
from pipelines.sample_company.company import ACCOUNTS, CURRENCY, TIME_ZONE, Size, business_day
from pipelines.sample_company.faults import FaultyRow
from pipelines.sample_company.feed_text import FeedFile
from pipelines.sample_company.records import History, Line, Order, Return
from pipelines.sample_company.stock_truth import stock_truth

Json = dict[str, object]
Fact = TypeVar("Fact", Order, Return)


def truth_of(history: History, size: Size, seed: int, files: Sequence[FeedFile], faulty: Sequence[FaultyRow]) -> Json:
    """The truth as a JSON document."""
    return {
        "size": size.name,
        "seed": seed,
        "first_day": size.first_day.isoformat(),
        "last_day": size.last_day.isoformat(),
        "cost_change_day": size.cost_change_day.isoformat(),
        "currency": CURRENCY,
        "time_zone": TIME_ZONE,
        "files": [_file(file) for file in files],
        "faulty_rows": [asdict(row) for row in faulty],
        "late_rows": sum(_is_late(file, row) for file in files for row in file.rows),
        "sales": _grouped(_counted_orders(history), _sales, lambda one: one.placed_at),
        "order_states": _order_states(history, size),
        "returns": _grouped(history.returns, _returns, lambda one: one.returned_at),
        "demand": _demand(history, size),
        "lead_times": _lead_times(history),
        "stock": stock_truth(history, size),
    }


def _file(file: FeedFile) -> Json:
    text = file.text().encode(file.encoding)
    return {"path": file.path, "format": file.format, "rows": len(file.rows), "sha256": sha256(text).hexdigest()}


def _is_late(file: FeedFile, row: Sequence[str]) -> bool:
    """Whether a movement stands in the file of a later day or month than its own."""
    if file.format != "sample_sites" or not row[1][:4].isdigit():
        return False
    day = business_day(int(datetime.fromisoformat(row[1]).timestamp()))
    return f"_{day:%Y-%m}" not in file.path or (file.path.count("-") > 1 and f"_{day:%Y-%m-%d}" not in file.path)


def _counted_orders(history: History) -> list[Order]:
    return [order for order in history.orders if order.cancelled_at is None]


def _grouped(facts: Sequence[Fact], count: Callable[[Iterable[Fact]], Json], at: Callable[[Fact], int]) -> Json:
    by_account = {account: count(one for one in facts if one.account == account) for account in ACCOUNTS}
    months: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        months[f"{business_day(at(fact)):%Y-%m}"].append(fact)
    by_month = {month: count(months[month]) for month in sorted(months)}
    return {"total": count(facts), "by_account": by_account, "by_month": by_month}


def _paid(line: Line) -> bool:
    return line.amount > 0


def _sales(orders: Iterable[Order]) -> Json:
    """Orders that were not called off; lines that were paid for; money of all kinds, units of goods."""
    totals: Counter[str] = Counter(orders=0, lines=0, goods_lines=0, units=0, net_sales_cents=0, goods_cents=0)
    for order in orders:
        paid = [line for line in order.lines if _paid(line)]
        totals["orders"] += 1
        totals["net_sales_cents"] += sum(line.amount for line in paid)
        totals["lines"] += len(paid)
        for line in paid:
            if line.kind == "item":
                totals["goods_lines"] += 1
                totals["units"] += line.quantity - line.cancelled
                totals["goods_cents"] += line.amount
    return dict(totals)


def _returns(returns: Iterable[Return]) -> Json:
    totals: Counter[str] = Counter(documents=0, units=0, value_cents=0, unlinked=0)
    for back in returns:
        totals["documents"] += 1
        totals["units"] += back.line.quantity
        totals["value_cents"] += back.line.amount
        totals["unlinked"] += back.order_number is None
    return dict(totals)


def _order_states(history: History, size: Size) -> Json:
    """Orders by account and the state the last file says: every order, the cancelled ones too."""
    states: dict[str, Counter[str]] = {account: Counter() for account in ACCOUNTS}
    for order in history.orders:
        states[order.account][order_state(order, size.last_day)] += 1
    return {account: dict(sorted(counts.items())) for account, counts in states.items()}


def _demand(history: History, size: Size) -> Json:
    """Units wanted and units sold by SKU and day, position 0 = the first day; the difference was lost.

    Orders called off later count as wanted and as got: the goods were promised.
    """
    days = len(size.days())
    by_sku = {product.sku: {"wanted": [0] * days, "got": [0] * days} for product in size.products}
    for at, _, sku, wanted, got in history.wanted:
        position = (business_day(at) - size.first_day).days
        by_sku[sku]["wanted"][position] += wanted
        by_sku[sku]["got"][position] += got
    return {
        "wanted": sum(wanted for *_, wanted, _ in history.wanted),
        "got": sum(got for *_, got in history.wanted),
        "by_sku": by_sku,
    }


def _lead_times(history: History) -> Json:
    """Days from order to receipt by supplier, one number a delivery."""
    days: defaultdict[str, list[int]] = defaultdict(list)
    for receipt in history.receipts:
        days[receipt.supplier].append((receipt.received_on - receipt.ordered_on).days)
    return dict(sorted(days.items()))
