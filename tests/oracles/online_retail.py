"""online_retail_2009_2010: what the product says of each fact its README states."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.oracles.claims import Claim, Product, column, rounded
from tests.oracles.readme_facts import Cell, Fact

FOLDER = "online_retail_2009_2010"
ACCOUNT = "--where account=online-retail"
_PROFILE = "oms feed profile online_retail_2009_2010 FILE"
_GOODS = "our unit metrics count goods; theirs count every code (postage, fees, vouchers) as units"


def _file(product: Product) -> dict[str, Any]:
    return product.profile(FOLDER, f"{FOLDER}/*.csv.gz")


def _classes(product: Product, *names: str) -> list[dict[str, Any]]:
    return [it for it in _file(product)["classes"] if it["class"] in names]


def _cancelled_documents(product: Product) -> Decimal:
    documents = _file(product)["documents_by_class"]
    return Decimal(documents["return"] + documents["unclassified"])


def _codes(product: Product) -> Sequence[Cell]:
    codes = column(_file(product), "StockCode")
    goods = next(it["skus"] for it in _file(product)["line_kinds"] if it["line_kind"] == "item")
    return [codes["distinct"], codes["distinct_clean"], goods]


def _write_offs(product: Product) -> Sequence[Cell]:
    (rows,) = _classes(product, "write_off")
    free_and_anonymous = rows["rows"] if rows["free"] == rows["anonymous"] == rows["rows"] else Decimal(-1)
    return [column(_file(product), "Quantity")["negative"], rows["rows"], free_and_anonymous]


def _top(product: Product, command: str, count: int) -> Sequence[Cell]:
    rows = sorted(product.kpi(command), key=lambda it: (-it["value"], it["sku"]))[:count]
    return [cell for row in rows for cell in (row["sku"], row["value"])]


def _stated_pairs(fact: Fact) -> Sequence[Cell]:
    """SKU codes stay text although some look like numbers."""
    return [cell for row in fact.text.split("  (")[0].split("; ") for cell in _pair(row)]


def _pair(row: str) -> tuple[Cell, Cell]:
    sku, value = row.split(" / ")
    return sku, Decimal(value.replace(",", ""))


def _months(product: Product, *metrics: str) -> Sequence[Cell]:
    answers = [product.kpi(f"{metric} --grain month {ACCOUNT}") for metric in metrics]
    return [
        cell for rows in zip(*answers, strict=True) for cell in (rows[0]["month"][:7], *(it["value"] for it in rows))
    ]


def _busiest(product: Product) -> Sequence[Cell]:
    row = max(product.kpi(f"net_sales --grain day {ACCOUNT}"), key=lambda it: it["value"])
    return [row["day"], row["value"]]


def _return_documents_share(product: Product) -> Sequence[Cell]:
    returns = _file(product)["documents_by_class"]["return"]
    return [rounded(returns / (returns + product.number(f"orders {ACCOUNT}")), 6)]


CLAIMS = [
    Claim(1, "reproduced", _PROFILE, lambda p: [_file(p)["rows"]]),
    Claim(2, "reproduced", _PROFILE, lambda p: [column(_file(p), "InvoiceDate")[name] for name in ("first", "last")]),
    Claim(
        3,
        "reproduced",
        _PROFILE,
        lambda p: [
            _file(p)["documents"],
            _cancelled_documents(p),
            _file(p)["documents_by_class"]["money_adjustment"],
        ],
        reason="C invoices: those read as returns, and one with a quantity above zero that is held back",
    ),
    Claim(4, "reproduced", _PROFILE, lambda p: [rounded(_cancelled_documents(p) / _file(p)["documents"], 6)]),
    Claim(5, "reproduced", _PROFILE, lambda p: [sum(it["rows"] for it in _classes(p, "return", "unclassified"))]),
    Claim(6, "reproduced", _PROFILE, _codes),
    Claim(
        7,
        "reproduced",
        _PROFILE,
        lambda p: [sum(it["rows"] for it in _file(p)["line_kinds"] if it["line_kind"] != "item")],
    ),
    Claim(8, "reproduced", _PROFILE, lambda p: [_file(p)["duplicate_rows"]]),
    Claim(
        9,
        "reproduced",
        _PROFILE,
        lambda p: [
            column(_file(p), "Customer ID")["empty"],
            rounded(column(_file(p), "Customer ID")["empty"] / _file(p)["rows"], 6),
        ],
    ),
    Claim(10, "reproduced", _PROFILE, lambda p: [column(_file(p), "Description")["empty"]]),
    Claim(
        11,
        "reproduced",
        _PROFILE,
        lambda p: [column(_file(p), name)["distinct_clean"] for name in ("Customer ID", "Country")],
    ),
    Claim(12, "reproduced", _PROFILE, lambda p: [column(_file(p), "Price")[name] for name in ("negative", "zero")]),
    Claim(13, "reproduced", _PROFILE, _write_offs),
    Claim(
        14,
        "reproduced",
        _PROFILE,
        lambda p: [
            column(_file(p), "Quantity")["sum"],
            rounded(sum(it["amount"] for it in _file(p)["classes"]), 2),
        ],
    ),
    Claim(
        15,
        "reproduced",
        f"oms kpi order_lines|orders|net_sales {ACCOUNT}",
        lambda p: [p.number(f"{name} {ACCOUNT}") for name in ("order_lines", "orders", "net_sales")],
        lambda f: [f.values[at] for at in (0, 1, 3)],
        what="lines, invoices, value",
    ),
    Claim(
        15,
        "differs",
        f"oms kpi units_sold {ACCOUNT}",
        lambda p: [p.number(f"units_sold {ACCOUNT}")],
        lambda f: [f.values[2]],
        what="units",
        by_our_rule="select sum(qty) from sale where is_product",
        reason=_GOODS,
    ),
    Claim(
        16,
        "reproduced",
        f"{_PROFILE}; oms kpi returned_value {ACCOUNT}",
        lambda p: [
            sum(it["rows"] for it in _classes(p, "return")),
            _file(p)["documents_by_class"]["return"],
            -sum(it["units"] for it in _classes(p, "return")),
            p.number(f"returned_value {ACCOUNT}"),
        ],
    ),
    Claim(
        17,
        "differs",
        f"oms kpi return_rate_units_period {ACCOUNT}",
        lambda p: [p.number(f"return_rate_units_period {ACCOUNT}")],
        by_our_rule="select round((select -sum(qty) from ret where is_product) * 1.0"
        " / (select sum(qty) from sale where is_product), 6)",
        reason=_GOODS,
    ),
    Claim(
        18,
        "reproduced",
        f"oms kpi return_rate_value_period {ACCOUNT}",
        lambda p: [p.number(f"return_rate_value_period {ACCOUNT}")],
    ),
    Claim(
        19,
        "reproduced",
        f"oms kpi return_rate_units_period {ACCOUNT}",
        lambda p: [p.number(f"return_rate_units_period {ACCOUNT}")],
    ),
    Claim(
        20,
        "reproduced",
        f"oms kpi return_rate_value_period {ACCOUNT} --where line_kind=item",
        lambda p: [p.number(f"return_rate_value_period {ACCOUNT} --where line_kind=item")],
    ),
    Claim(
        21,
        "reproduced",
        f"{_PROFILE}; oms kpi orders {ACCOUNT}",
        _return_documents_share,
        reason="return documents of the profile ÷ (those + orders)",
    ),
    Claim(
        22,
        "reproduced",
        f"oms kpi units_sold_after_returns --by sku {ACCOUNT}",
        lambda p: _top(p, f"units_sold_after_returns --by sku {ACCOUNT}", 10),
        _stated_pairs,
    ),
    Claim(
        23,
        "reproduced",
        f"oms kpi net_sales_after_returns --by sku {ACCOUNT} --where line_kind=item",
        lambda p: _top(p, f"net_sales_after_returns --by sku {ACCOUNT} --where line_kind=item", 5),
        _stated_pairs,
    ),
    Claim(
        24,
        "reproduced",
        f"oms kpi orders|net_sales --grain month {ACCOUNT}",
        lambda p: _months(p, "orders", "net_sales"),
        lambda f: [cell for row in f.rows for cell in (row[0], row[1], row[3])],
        what="month, invoices, value",
    ),
    Claim(
        24,
        "differs",
        f"oms kpi units_sold --grain month {ACCOUNT}",
        lambda p: _months(p, "units_sold"),
        lambda f: [cell for row in f.rows for cell in (row[0], row[2])],
        what="month, units",
        by_our_rule="select strftime(ts, '%Y-%m'), sum(qty) from sale where is_product group by 1 order by 1",
        reason=_GOODS,
    ),
    Claim(25, "reproduced", f"oms kpi net_sales --grain day {ACCOUNT}", _busiest),
    Claim(
        26,
        "reproduced",
        f"{_PROFILE}; oms kpi lines_per_order {ACCOUNT}",
        lambda p: [_file(p)["priced_lines"]["median"], rounded(p.number(f"lines_per_order {ACCOUNT}"), 4)],
    ),
    Claim(27, "due", reason="slow movers come with the analytics in full (issue 4)"),
    Claim(28, "due", reason="demand classes come with planning (issue 5)"),
    Claim(29, "due", reason="ABC classes come with the analytics in full (issue 4)"),
]
