"""A map may only say of a location what something acts on."""

import pytest
import yaml

from pipelines.feeds.column_map import SHIPPED, read_map
from pipelines.feeds.errors import MapError


@pytest.mark.parametrize(("policy", "value"), [("valuation", "fifo"), ("listing", "intervals")])
def test_a_policy_that_nothing_acts_on_is_refused_with_its_place(tmp_path, policy, value):
    document = yaml.safe_load((SHIPPED / "sample_stock.yml").read_text(encoding="utf-8"))
    place = next(iter(document["locations"]))
    document["locations"][place][policy] = value
    path = tmp_path / "ledger.yml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    with pytest.raises(MapError, match=rf"locations\.{place}\.{policy}"):
        read_map(path)
