"""adventureworks_dw: what the product says of each fact its README states."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.oracles.claims import Claim, Product, column, rounded
from tests.oracles.readme_facts import Cell

FOLDER = "adventureworks_dw"
LAST_DAY = "2012-12-31"
YEAR = "--from 2012-01-01 --to 2012-12-31"
_PROFILE = "oms feed profile adventureworks_dw_stock FILE"


def _file(product: Product) -> dict[str, Any]:
    return product.profile("adventureworks_dw_stock", f"{FOLDER}/FactProductInventory*.csv.gz")


def _sales(product: Product) -> Sequence[Cell]:
    metrics = ("order_lines", "orders", "units_sold", "net_sales")
    accounts = ("aw-reseller", "aw-internet")
    return [product.number(f"{name} --where account={account}") for account in accounts for name in metrics]


def _issues_and_orders(product: Product) -> Sequence[Cell]:
    """Product-days where units shipped equal units ordered; product-days with either."""
    accounts = "--where account=aw-reseller --where account=aw-internet"
    shipped = {
        (it["sku"], it["day"]): it["value"] for it in product.kpi("units_shipped --by sku --grain day") if it["value"]
    }
    ordered = {
        (it["sku"], it["day"]): it["value"]
        for it in product.kpi(f"units_sold --by sku --grain day {accounts}")
        if it["value"]
    }
    either = shipped.keys() | ordered.keys()
    return [Decimal(sum(shipped.get(key) == ordered.get(key) for key in either)), Decimal(len(either))]


def _closing(product: Product) -> Sequence[Cell]:
    units = [row["on_hand"] for row in product.stock(LAST_DAY)]
    return [sum(units), Decimal(units.count(Decimal(0))), Decimal(sum(it < 0 for it in units))]


def _closing_of_the_most_shipped(product: Product) -> Sequence[Cell]:
    closing = {row["sku"]: row["on_hand"] for row in product.stock(LAST_DAY)}
    shipped = sorted(product.kpi("units_shipped --by sku"), key=lambda it: (-it["value"], int(it["sku"])))[:8]
    return [cell for row in shipped for cell in (Decimal(row["sku"]), row["value"], closing[row["sku"]])]


def _closing_value(product: Product) -> Sequence[Cell]:
    values = [row["value"] for row in product.stock(LAST_DAY)]
    return [rounded(sum(values), 2), rounded(sum(max(value, Decimal(0)) for value in values), 2)]


def _turnover(product: Product, metric: str, digits: int) -> Sequence[Cell]:
    (row,) = product.kpi(f"{metric} {YEAR}")
    return [row["numerator"], rounded(row["denominator"], digits), row["value"]]


def _units_by_year(product: Product) -> Sequence[Cell]:
    found: list[Cell] = []
    for channel in ("internet", "reseller"):
        for year in (2010, 2011, 2012):
            span = f"--from {year}-01-01 --to {year}-12-31"
            units = product.number(f"units_sold {span} --where account=aw-{channel}")
            found += [channel, Decimal(year), units]
    return found


CLAIMS = [
    Claim(
        1,
        "reproduced",
        _PROFILE,
        lambda p: [
            _file(p)["rows"],
            column(_file(p), "ProductKey")["distinct"],
            column(_file(p), "MovementDate")["first"],
            column(_file(p), "MovementDate")["last"],
        ],
    ),
    Claim(2, "reproduced", _PROFILE, lambda p: [_file(p)["ledger"]["missing_days"]]),
    Claim(3, "reproduced", "oms kpi order_lines|orders|units_sold|net_sales --where account=…", _sales),
    Claim(
        4,
        "reproduced",
        "oms kpi units_received|units_shipped",
        lambda p: [p.number("units_received"), p.number("units_shipped")],
    ),
    Claim(5, "reproduced", _PROFILE, lambda p: [_file(p)["ledger"][name] for name in ("pairs", "consistent_pairs")]),
    Claim(6, "reproduced", "oms kpi units_shipped|units_sold --by sku --grain day", _issues_and_orders),
    Claim(7, "reproduced", f"oms stock --at {LAST_DAY}", _closing),
    Claim(
        8,
        "reproduced",
        f"oms kpi units_shipped --by sku; oms stock --at {LAST_DAY}",
        _closing_of_the_most_shipped,
    ),
    Claim(9, "reproduced", f"oms stock --at {LAST_DAY}", _closing_value),
    Claim(
        10,
        "reproduced",
        f"oms kpi out_of_stock_rate; {_PROFILE}",
        lambda p: [p.number("out_of_stock_rate", "numerator"), column(_file(p), "UnitsBalance")["negative"]],
        lambda f: f.values[:2],
        what="days at or below 0, below 0",
    ),
    Claim(
        10,
        "differs",
        "oms kpi out_of_stock_rate",
        lambda p: [p.number("out_of_stock_rate")],
        lambda f: f.values[2:],
        what="share",
        by_our_rule="select round(count(*) filter (where UnitsBalance <= 0) * 1.0 / count(*), 6) from inv"
        " where ProductKey in (select ProductKey from inv where UnitsIn <> 0 or UnitsOut <> 0)",
        reason="ours divides by the time of listed products, those that ever moved; theirs by all product-days",
    ),
    Claim(11, "reproduced", "oms kpi out_of_stock_rate", lambda p: [p.number("out_of_stock_rate")]),
    Claim(12, "due", reason="reorder points come with planning (issue 5)"),
    Claim(13, "reproduced", f"oms kpi inventory_turnover {YEAR}", lambda p: _turnover(p, "inventory_turnover", 2)),
    Claim(
        14,
        "reproduced",
        f"oms kpi inventory_turnover_units {YEAR}",
        lambda p: _turnover(p, "inventory_turnover_units", 4),
    ),
    Claim(
        15,
        "reproduced",
        f"oms stock --at {LAST_DAY}",
        lambda p: [Decimal(sum(row["on_hand"] > 0 for row in p.stock(LAST_DAY)))],
        lambda f: f.values[:1],
        what="products in stock",
    ),
    Claim(15, "due", what="slow movers", reason="slow movers come with the analytics in full (issue 4)"),
    Claim(16, "due", reason="shipping times come with fulfilment (issue 3)"),
    Claim(17, "reproduced", "oms kpi units_sold --where account=… --from … --to …", _units_by_year),
]
