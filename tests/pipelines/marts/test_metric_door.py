"""The door's manners: what is listed, what is refused, what is explained."""

from datetime import date
from pathlib import Path

import pytest

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from pipelines.marts import metrics, snapshots
from pipelines.marts.errors import NoSnapshotError

CATALOGUE = [
    "net_sales",
    "gross_margin",
    "average_order_value",
    "orders",
    "units_sold",
    "inventory_turnover",
    "days_of_inventory",
    "days_of_cover",
    "stock_units",
    "stock_value",
    "out_of_stock_rate",
    "out_of_stock_rate_demand",
    "lost_sales",
    "unit_fill_rate",
    "line_fill_rate",
    "order_fill_rate",
    "backorder_rate",
    "on_time_in_full_rate",
    "perfect_order_rate",
    "order_cycle_time",
    "processing_time",
    "order_error_rate",
    "on_time_shipping_rate",
    "on_time_delivery_rate",
    "cancellation_rate",
    "return_rate_units",
    "return_rate_value",
    "return_rate_projected",
    "slow_moving_share",
    "dead_stock_share",
    "stock_age",
    "gmroi",
    "sell_through",
    "forecast_wape",
    "forecast_bias",
    "forecast_mase",
    "record_accuracy",
    "supplier_on_time_in_full_rate",
    "supplier_lead_time",
    "first_reply_within_target_rate",
    "touchless_rate",
    "contacts_per_100_orders",
]


def test_every_name_of_the_catalogue_is_listed_with_texts_in_both_languages(shop: Path) -> None:
    listed = {metric.name: metric for metric in metrics.list_metrics(snapshots.open_snapshot(shop))}

    assert set(CATALOGUE) <= set(listed)
    for metric in listed.values():
        assert set(metric.label) == set(metric.definition) == {"en", "zh"}
        assert all(metric.label.values())
        assert all(metric.definition.values())
        assert metric.status == "ready" or metric.reason


def test_every_ready_metric_can_be_asked_by_each_of_its_dimensions_and_grains(shop: Path) -> None:
    snapshot = snapshots.open_snapshot(shop)
    for metric in metrics.list_metrics(snapshot):
        if metric.status == "ready":
            for dimension in metric.dimensions:
                metrics.ask(snapshot, metric.name, by=[dimension, *metric.asked_by], where={dimension: ["x"]})
            for grain in metrics.GRAINS:
                metrics.ask(snapshot, metric.name, grain=grain, by=metric.dimensions)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"name": "sales"}, "METRIC_UNKNOWN"),
        ({"name": "net_sales", "by": ["location"]}, "DIMENSION_UNKNOWN"),
        ({"name": "stock_units", "where": {"channel": ["web"]}}, "DIMENSION_UNKNOWN"),
        ({"name": "net_sales", "grain": "year"}, "GRAIN_UNKNOWN"),
        ({"name": "processing_time"}, "DIMENSION_NEEDED"),
        ({"name": "processing_time", "where": {"stage": ["a", "b"]}}, "DIMENSION_NEEDED"),
        ({"name": "net_sales", "start": date(2026, 2, 1), "end": date(2026, 1, 1)}, "PERIOD_REVERSED"),
    ],
)
def test_a_question_without_sense_is_refused(shop: Path, question: dict[str, object], code: str) -> None:
    asked = dict(question)
    name = str(asked.pop("name"))

    with pytest.raises(InvalidRequestError) as refused:
        metrics.ask(snapshots.open_snapshot(shop), name, **asked)  # type: ignore[arg-type]

    assert refused.value.code == code


def test_a_due_metric_is_refused_with_its_reason(shop: Path) -> None:
    with pytest.raises(RuleViolationError, match="METRIC_DUE"):
        metrics.ask(snapshots.open_snapshot(shop), "days_of_cover")


def test_values_are_bound_never_pasted(shop: Path) -> None:
    hostile = "x'; drop table marts.fct_order_lines; --"

    answer = metrics.ask(snapshots.open_snapshot(shop), "orders", where={"sku": [hostile]}, explain=True)

    assert answer.rows[0]["value"] == 0
    assert hostile not in answer.sql
    assert "$sku_0" in answer.sql


def test_an_explained_answer_names_its_tables_from_raw_to_mart(shop: Path) -> None:
    answer = metrics.ask(snapshots.open_snapshot(shop), "return_rate_value_period", explain=True)

    assert answer.lineage.index("raw_oms.return_line") < answer.lineage.index("marts.fct_return_lines")
    assert "marts.fct_order_lines" in answer.lineage
    assert answer.snapshot == snapshots.open_snapshot(shop).id


def test_a_snapshot_is_read_only_and_locked_down(shop: Path) -> None:
    snapshot = snapshots.open_snapshot(shop)

    assert snapshots.read(snapshot, "select count(*) as n from marts.fct_order_lines where sku = $sku", sku="MUG")
    for forbidden in (
        "delete from marts.fct_order_lines",
        "select * from read_text('/etc/hostname')",
        "attach ':memory:' as other; create table other.t as select 1",
        "set enable_external_access = true",
        "copy marts.dim_sku to 'out.csv'",
    ):
        with pytest.raises(Exception, match=r"(?i)read-only|disabled|locked|cannot"):
            snapshots.read(snapshot, forbidden)


def test_before_the_first_build_there_is_no_snapshot(tmp_path: Path) -> None:
    assert snapshots.current_snapshot(tmp_path) is None
    with pytest.raises(NoSnapshotError, match="NO_SNAPSHOT"):
        snapshots.open_snapshot(tmp_path)
