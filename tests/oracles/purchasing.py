"""adventureworks_purchasing: what the product says of each fact its README states."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.oracles.claims import Claim, Product, column, rounded
from tests.oracles.readme_facts import Cell

FOLDER = "adventureworks_purchasing"
STATES = ("draft", "approved", "cancelled", "closed")  # 1, 2, 3, 4 of the source
_PROFILE = "oms feed profile adventureworks_purchasing_… FILE"
_PLANNING = "reorder points come with planning (issue 5)"


def _file(product: Product, kind: str, name: str) -> dict[str, Any]:
    return product.profile(f"{FOLDER}_{kind}", f"{FOLDER}/{name}.csv.gz")


def _size(product: Product) -> Sequence[Cell]:
    orders = _file(product, "orders", "PurchaseOrderHeader")
    lines = _file(product, "lines", "PurchaseOrderDetail")
    days = [column(orders, "OrderDate")[name] for name in ("first", "last")]
    distinct = [column(orders, "VendorID")["distinct"], column(lines, "ProductID")["distinct"]]
    return [orders["rows"], lines["rows"], *distinct, *days]


def _by_state(product: Product) -> Sequence[Cell]:
    found = {row["status"]: row["value"] for row in product.kpi("purchase_orders --by status")}
    return [found[state] for state in STATES]


def _lead_times(product: Product) -> Sequence[Cell]:
    file = _file(product, "prices", "ProductVendor")
    days = column(file, "AverageLeadTime")
    return [file["rows"], rounded(days["sum"] / file["rows"], 4), days["first"], days["last"]]


def _stock(product: Product) -> Sequence[Cell]:
    file = _file(product, "stock", "ProductInventory")
    units = [row["value"] for row in product.kpi("stock_units --by location") if row["location"].startswith("AW-")]
    distinct = [column(file, name)["distinct"] for name in ("ProductID", "LocationID")]
    return [file["rows"], distinct[0], sum(units), distinct[1]]


def _numbers(*metrics: str) -> Any:
    return lambda product: [product.number(metric) for metric in metrics]


CLAIMS = [
    Claim(1, "reproduced", _PROFILE, _size),
    Claim(
        2,
        "reproduced",
        "oms kpi purchase_orders --by status",
        _by_state,
        lambda f: f.values[1::2],
        what="as draft, approved, cancelled, closed",
    ),
    Claim(
        3,
        "reproduced",
        "oms kpi units_purchased|purchased_units_received|purchased_units_rejected|purchased_units_stocked",
        _numbers("units_purchased", "purchased_units_received", "purchased_units_rejected", "purchased_units_stocked"),
    ),
    Claim(4, "reproduced", "oms kpi supplier_reject_rate", _numbers("supplier_reject_rate")),
    Claim(
        5,
        "reproduced",
        "oms kpi purchase_lines_short|purchase_lines_exact|purchase_lines_over",
        lambda p: [
            p.number(name) or Decimal(0)
            for name in ("purchase_lines_short", "purchase_lines_exact", "purchase_lines_over")
        ],
    ),
    Claim(6, "not a product number", reason="holds by definition: what is stocked is received less rejected"),
    Claim(7, "not a product number", reason="two sums of one file; ours are made of its lines"),
    Claim(8, "reproduced", "oms kpi purchase_amount", _numbers("purchase_amount")),
    Claim(9, "due", reason="how long suppliers take comes with planning (issue 5)"),
    Claim(
        10,
        "reproduced",
        _PROFILE,
        _lead_times,
        lambda f: [f.values[0], *f.values[2:]],
        what="pairs, lead time mean, least, most",
    ),
    Claim(
        10,
        "due",
        reason="articles with several suppliers come with planning (issue 5)",
        theirs=lambda f: f.values[1:2],
        what="several vendors",
    ),
    Claim(11, "reproduced", f"{_PROFILE}; oms kpi stock_units --by location", _stock),
    Claim(12, "due", reason=_PLANNING),
    Claim(
        13,
        "reproduced",
        "oms kpi purchase_lines_open|purchased_units_open",
        _numbers("purchase_lines_open", "purchased_units_open"),
    ),
    Claim(14, "due", reason=_PLANNING),
]
