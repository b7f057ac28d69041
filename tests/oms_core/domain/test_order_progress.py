"""How far an order is: as far as the last of its lines that is still wanted."""

import pytest

from oms_core.domain.order_progress import GoodsLine, Progress, progress_of


@pytest.mark.parametrize(
    ("lines", "progress"),
    [
        ([GoodsLine(3, 3, 3)], Progress(is_shipped=True, is_delivered=True)),
        ([GoodsLine(3, 3, 2)], Progress(is_shipped=True, is_delivered=False)),
        ([GoodsLine(3, 2, 2)], Progress(is_shipped=False, is_delivered=False)),
        ([GoodsLine(3, 3, 3), GoodsLine(1, 0, 0)], Progress(is_shipped=False, is_delivered=False)),
        ([GoodsLine(3, 3, 3), GoodsLine(0, 0, 0)], Progress(is_shipped=True, is_delivered=True)),  # one was cancelled
        ([GoodsLine(0, 0, 0)], Progress(is_shipped=False, is_delivered=False)),
        ([], Progress(is_shipped=False, is_delivered=False)),
    ],
)
def test_an_order_is_as_far_as_its_last_wanted_line(lines, progress):
    assert progress_of(lines) == progress
