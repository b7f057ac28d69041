"""olist_sample: what the product says of each fact its README states. No value of it is written anywhere."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.oracles.claims import Claim, Product, column, rounded
from tests.oracles.readme_facts import Cell, Fact

FOLDER = "olist_sample"
ACCOUNT = "--where account=olist"
STAGES = ("placed_to_approved", "approved_to_shipped", "shipped_to_delivered", "placed_to_delivered")
_ORDERS = "oms feed profile olist_orders FILE"
_ITEMS = "oms feed profile olist_items FILE"
_STATE = "case status when 'delivered' then 'closed' when 'created' then 'pending' when 'canceled' then 'cancelled'"
_STATE += " when 'unavailable' then 'cancelled' else 'confirmed' end"
_LIVE = "status not in ('canceled', 'unavailable')"
_SALES = "our sales leave cancelled orders out; theirs count every order"
_METHODS = ("card", "bank_transfer", "gift_card", "debit_card", "unknown")


def _orders(product: Product) -> dict[str, Any]:
    return product.profile("olist_orders", f"{FOLDER}/olist_orders_dataset.csv.gz")


def _items(product: Product) -> dict[str, Any]:
    return product.profile("olist_items", f"{FOLDER}/olist_order_items_dataset.csv.gz")


def _lines(product: Product) -> Sequence[Cell]:
    file = _items(product)
    sums = [column(file, name)["sum"] for name in ("price", "freight_value")]
    return [file["rows"], file["documents"], *sums]


def _by_status(product: Product, metric: str) -> Sequence[Cell]:
    rows = [row for row in product.kpi(f"{metric} --by status {ACCOUNT}") if row["value"]]
    return [cell for row in sorted(rows, key=lambda it: -it["value"]) for cell in (row["status"], row["value"])]


def _late(product: Product) -> Sequence[Cell]:
    (row,) = product.kpi(f"on_time_delivery_rate {ACCOUNT}")
    late = row["denominator"] - row["numerator"]
    return [late, rounded(late / row["denominator"], 6)]


def _medians(product: Product) -> Sequence[Cell]:
    rows = product.kpi(f"processing_time --by stage {ACCOUNT} --where status=closed")
    found = {row["stage"]: row["value"] for row in rows}
    return [rounded(found[stage], 5) for stage in STAGES]


def _in_days(fact: Fact) -> Sequence[Cell]:
    return [rounded(Decimal(hours) / 24, 5) for hours in fact.values]


def _reversed(product: Product) -> Sequence[Cell]:
    found = {row["stage"]: row["value"] for row in product.kpi(f"stages_out_of_order --by stage {ACCOUNT}")}
    return [found[stage] for stage in STAGES[:3]]


def _months(product: Product) -> Sequence[Cell]:
    rows = product.kpi(f"placed_orders --grain month {ACCOUNT}")
    return [cell for row in rows for cell in (row["month"][:7], row["value"])]


def _payments(product: Product) -> Sequence[Cell]:
    counts = {row["payment_method"]: row["value"] for row in product.kpi(f"payments --by payment_method {ACCOUNT}")}
    rows = product.kpi(f"payments_captured --by payment_method {ACCOUNT}")
    amounts = {row["payment_method"]: row["value"] for row in rows}
    return [cell for method in _METHODS for cell in (counts[method], amounts[method])]


def _without_names(fact: Fact) -> Sequence[Cell]:
    return [cell for row in fact.rows for cell in row[1:]]


def _products(product: Product) -> Sequence[Cell]:
    sales = {row["sku"]: row["value"] for row in product.kpi(f"net_sales --by sku {ACCOUNT} --where line_kind=item")}
    lines = product.kpi(f"order_lines --by sku {ACCOUNT} --where line_kind=item")
    top = sorted(lines, key=lambda it: (-it["value"], it["sku"]))[:5]
    return [cell for row in top for cell in (row["sku"], row["value"], sales[row["sku"]])]


def _categories(product: Product) -> Sequence[Cell]:
    rows = product.kpi(f"net_sales --by category {ACCOUNT} --where line_kind=item")
    top = sorted(rows, key=lambda it: (-it["value"], str(it["category"])))[:5]
    return [cell for row in top for cell in (row["category"] or "(none)", row["value"])]


CLAIMS = [
    Claim(
        1,
        "reproduced",
        _ORDERS,
        lambda p: [
            _orders(p)["rows"],
            column(_orders(p), "order_id")["distinct"],
            column(_orders(p), "customer_id")["distinct"],
        ],
    ),
    Claim(
        2,
        "reproduced",
        _ORDERS,
        lambda p: [column(_orders(p), "order_purchase_timestamp")[name] for name in ("first", "last")],
    ),
    Claim(
        3,
        "differs",
        f"oms kpi placed_orders --by status {ACCOUNT}",
        lambda p: _by_status(p, "placed_orders"),
        by_our_rule=f"select {_STATE} as state, count(*) as n from orders group by 1 order by 2 desc",
        reason="our life cycle has fewer states: what is approved, invoiced, processed or shipped is confirmed",
    ),
    Claim(
        4,
        "reproduced",
        f"oms kpi orders_delivered_with_promise {ACCOUNT}",
        lambda p: [p.number(f"orders_delivered_with_promise {ACCOUNT}")],
    ),
    Claim(
        5,
        "differs",
        f"oms kpi on_time_delivery_rate {ACCOUNT}",
        _late,
        by_our_rule="select count(*) filter (where cast(delivered as date) > cast(promised as date)),"
        " round(count(*) filter (where cast(delivered as date) > cast(promised as date)) * 1.0 / count(*), 6)"
        " from orders where status = 'delivered' and delivered is not null",
        reason="a promise is a day, and all of that day is on time; theirs ends at its first instant",
    ),
    Claim(6, "reproduced", f"oms kpi on_time_delivery_rate {ACCOUNT}", _late),
    Claim(
        7,
        "reproduced",
        f"oms kpi processing_time --by stage {ACCOUNT} --where status=closed",
        _medians,
        _in_days,
        what="in days",
    ),
    Claim(
        8,
        "reproduced",
        f"oms kpi processing_time_p90 {ACCOUNT} --where stage=placed_to_shipped --where status=closed",
        lambda p: [
            rounded(p.number(f"processing_time_p90 {ACCOUNT} --where stage=placed_to_shipped --where status=closed"), 5)
        ],
        _in_days,
        what="in days",
    ),
    Claim(9, "reproduced", f"oms kpi stages_out_of_order --by stage {ACCOUNT}", _reversed),
    Claim(
        10,
        "reproduced",
        _ORDERS,
        lambda p: [
            column(_orders(p), f"order_{name}")["empty"]
            for name in ("approved_at", "delivered_carrier_date", "delivered_customer_date")
        ],
    ),
    Claim(
        11,
        "reproduced",
        f"oms kpi order_cycle_time {ACCOUNT} --where status=cancelled",
        lambda p: [p.number(f"order_cycle_time {ACCOUNT} --where status=cancelled", "denominator")],
        lambda f: f.values[1:],
        what="cancelled with a delivery time",
    ),
    Claim(
        11,
        "not a product number",
        reason="which stamps a source forgot; `processing_time` leaves such stages out",
        theirs=lambda f: f.values[:1],
        what="delivered without a stamp",
    ),
    Claim(
        12,
        "reproduced",
        f"oms kpi order_cancellation_rate {ACCOUNT}",
        lambda p: [p.number(f"order_cancellation_rate {ACCOUNT}", part) for part in ("numerator", "value")],
    ),
    Claim(13, "reproduced", f"oms kpi placed_orders --grain month {ACCOUNT}", _months),
    Claim(14, "reproduced", _ITEMS, _lines),
    Claim(
        15,
        "reproduced",
        f"oms kpi placed_orders {ACCOUNT}; {_ITEMS}",
        lambda p: [p.number(f"placed_orders {ACCOUNT}") - _items(p)["documents"]],
    ),
    Claim(
        16,
        "differs",
        f"oms kpi net_sales --by status {ACCOUNT} --where line_kind=item",
        lambda p: _by_status(p, "net_sales --where line_kind=item"),
        by_our_rule=f"select {_STATE} as state, sum(price) from items join orders using (order_id)"
        f" where {_LIVE} group by 1 order by 2 desc",
        reason=_SALES,
    ),
    Claim(17, "not a product number", reason="sellers of a marketplace are no part of the product"),
    Claim(
        18,
        "reproduced",
        f"oms kpi payments|payments_captured --by payment_method {ACCOUNT}",
        _payments,
        _without_names,
    ),
    Claim(
        19,
        "reproduced",
        f"oms kpi orders_paid|orders_paid_differently {ACCOUNT}",
        lambda p: [p.number(f"{name} {ACCOUNT}") for name in ("orders_paid", "orders_paid_differently")],
    ),
    Claim(
        20,
        "differs",
        f"oms kpi order_lines|net_sales --by sku {ACCOUNT} --where line_kind=item",
        _products,
        by_our_rule="select product_id, count(*), sum(price) from items join orders using (order_id)"
        f" where {_LIVE} group by 1 order by 2 desc, 1 limit 5",
        reason=_SALES,
    ),
    Claim(
        21,
        "differs",
        f"oms kpi net_sales --by category {ACCOUNT} --where line_kind=item",
        _categories,
        by_our_rule="select coalesce(product_category_name, '(none)'), sum(price) from items"
        f" join orders using (order_id) join prod using (product_id) where {_LIVE}"
        " group by 1 order by 2 desc, 1 limit 5",
        reason=_SALES,
    ),
    Claim(22, "due", reason="which keys of a source are one person comes with customers (issue 6)"),
    Claim(23, "not a product number", reason="reviews are no part of the product"),
]
