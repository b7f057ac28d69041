"""Every number re-adds from its source rows: each metric of two small homes, slices by chance, difference 0."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.marts import metrics, snapshots
from pipelines.marts.explain import explain
from pipelines.marts.templates import GRAINS

SLICES = 1


@pytest.mark.parametrize("home", ["shop", "stockroom"])
def test_every_number_is_the_sum_of_its_source_rows(home: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(home)
    snapshot = snapshots.open_snapshot(path)
    chance = random.Random(home)
    assert snapshot.first_date is not None
    wrong = []
    for metric in metrics.list_metrics(snapshot):
        if metric.status != "ready":
            continue
        free = [name for name in metric.dimensions if name not in metric.asked_by]
        for _ in range(SLICES):
            by = [*metric.asked_by, *chance.sample(free, min(len(free), chance.randrange(3)))]
            start = snapshot.first_date + timedelta(days=chance.randrange(5))
            end = start + timedelta(days=chance.randrange(60))
            grain = chance.choice([None, *GRAINS])
            opened = explain(snapshot, metric.name, by=by, start=start, end=end, grain=grain, limit=2)
            if not opened.adds_up:
                wrong.append((metric.name, by, start, end, grain))

    assert wrong == []


def test_the_rows_behind_net_sales_are_the_lines_with_their_amounts(shop: Path) -> None:
    opened = explain(snapshots.open_snapshot(shop), "net_sales", where={"channel": ["web"], "sku": ["MUG"]})

    (part,) = opened.source_rows
    amounts = {row["order_line_id"]: str(row["contribution"].normalize()) for row in part.rows}
    assert amounts == {11: "2E+1", 21: "15.005"}  # 20.00, and 30.01 dollars at 0.5
    assert opened.adds_up
    assert opened.answer.lineage[-1] == "marts.fct_order_lines"
