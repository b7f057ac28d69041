"""northwind: what the product says of each fact its README states."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.oracles.claims import Claim, Product, column, rounded
from tests.oracles.readme_facts import Cell, Fact

FOLDER = "northwind"
ACCOUNT = "--where account=northwind"
PLACE = "--where location=NW"
_STAGE = f"{ACCOUNT} --where stage=placed_to_shipped"


def _file(product: Product, kind: str, name: str) -> dict[str, Any]:
    return product.profile(f"northwind_{kind}", f"{FOLDER}/{name}.csv")


def _size(product: Product) -> Sequence[Cell]:
    orders = _file(product, "orders", "orders")
    others = [_file(product, kind, kind)["rows"] for kind in ("order_details", "products")]
    days = [column(orders, "OrderDate")[name] for name in ("first", "last")]
    return [orders["rows"], *others, column(orders, "CustomerID")["distinct"], *days]


def _days_alone(fact: Fact) -> Sequence[Cell]:
    return [cell if isinstance(cell, Decimal) else cell.removesuffix(" 00:00:00") for cell in fact.values]


def _shipping(product: Product) -> Sequence[Cell]:
    (row,) = product.kpi(f"on_time_shipping_rate {ACCOUNT}")
    late = row["denominator"] - row["numerator"]
    unshipped = product.number(f"placed_orders {ACCOUNT}") - row["denominator"]
    return [unshipped, late, rounded(late / row["denominator"], 6)]


def _top(product: Product) -> Sequence[Cell]:
    rows = product.kpi(f"units_sold --by sku {ACCOUNT}")
    found = [(Decimal(row["sku"].removeprefix("NW-")), row["value"]) for row in rows if row["sku"]]
    return [cell for row in sorted(found, key=lambda it: (-it[1], it[0]))[:5] for cell in row]


CLAIMS = [
    Claim(1, "reproduced", "oms feed profile northwind_… FILE", _size, _days_alone),
    Claim(
        2,
        "reproduced",
        f"oms kpi net_sales {ACCOUNT} --where line_kind=item",
        lambda p: [p.number(f"net_sales {ACCOUNT} --where line_kind=item")],
        lambda f: f.values[1:],
        what="net of discount",
    ),
    Claim(
        2,
        "reproduced",
        f"oms kpi gross_sales {ACCOUNT} --where line_kind=item",
        lambda p: [p.number(f"gross_sales {ACCOUNT} --where line_kind=item")],
        lambda f: f.values[:1],
        what="gross",
    ),
    Claim(3, "reproduced", f"oms kpi units_sold {ACCOUNT}", lambda p: [p.number(f"units_sold {ACCOUNT}")]),
    Claim(4, "reproduced", f"oms kpi placed_orders|on_time_shipping_rate {ACCOUNT}", _shipping),
    Claim(
        5,
        "reproduced",
        f"oms kpi processing_time|processing_time_mean {_STAGE}",
        lambda p: [
            p.number(f"processing_time {_STAGE}"),
            rounded(p.number(f"processing_time_mean {_STAGE}"), 4),
        ],
    ),
    Claim(6, "due", reason="what to reorder comes with planning (issue 5)"),
    Claim(
        7,
        "reproduced",
        "oms feed profile northwind_stock FILE",
        lambda p: [column(_file(p, "stock", "products"), "UnitsInStock")["zero"]],
        lambda f: f.values[:1],
        what="out of stock",
    ),
    Claim(
        7,
        "due",
        reason="whether an article is still bought comes with planning (issue 5)",
        theirs=lambda f: f.values[1:],
        what="discontinued",
    ),
    Claim(
        8,
        "reproduced",
        f"oms kpi stock_value|stock_units {PLACE}",
        lambda p: [p.number(f"{name} {PLACE}") for name in ("stock_value", "stock_units")],
        lambda f: f.values[:2],
        what="in stock",
    ),
    Claim(
        8,
        "not a product number",
        reason="units on order without the purchase orders that bring them",
        theirs=lambda f: f.values[2:],
        what="on order",
    ),
    Claim(9, "reproduced", f"oms kpi units_sold --by sku {ACCOUNT}", _top),
]
