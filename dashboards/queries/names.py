"""What people call things that numbers know by code: products and locations, as the snapshot has them."""

from collections.abc import Sequence

import streamlit as st

from pipelines.marts.snapshots import Snapshot, read

_PRODUCTS = (
    "select sku, sku_title as title from marts.dim_sku where list_contains($skus, sku) and sku_title is not null"
)
_LOCATIONS = "select location, location_name as title from marts.dim_location where location_name is not null"


@st.cache_data(max_entries=200, show_spinner=False)
def _named(snapshot_id: str, sql: str, skus: tuple[str, ...], _snapshot: Snapshot) -> dict[str, str]:  # noqa: ARG001 - key
    table = read(_snapshot, sql, skus=list(skus)) if skus else read(_snapshot, sql)
    codes, titles = table.columns
    return dict(zip(codes.to_pylist(), titles.to_pylist(), strict=True))


def product_titles(snapshot: Snapshot, skus: Sequence[str]) -> dict[str, str]:
    """Titles by SKU; a SKU without one is left out."""
    return _named(snapshot.id, _PRODUCTS, tuple(skus), snapshot) if skus else {}


def location_names(snapshot: Snapshot) -> dict[str, str]:
    """Names by location."""
    return _named(snapshot.id, _LOCATIONS, (), snapshot)
