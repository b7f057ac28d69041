"""Rows as a table on a desk and as cards on a phone. Values come written; numbers stand right, units in the header."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in the rows, its header, and whether its values stand right as numbers do."""

    key: str
    label: str
    is_number: bool = False
    width: int | None = None


def data_table(
    key: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, str]],
    *,
    alt: str,
    kinds: Mapping[str, ColumnConfig | ButtonColumnResult] | None = None,
) -> None:
    """The table; `kinds` makes a column another kind than text, by key. `alt` says what it shows."""
    frame = pd.DataFrame(
        [[row.get(column.key, "") for column in columns] for row in rows], columns=[c.key for c in columns]
    )
    configured = {
        column.key: (kinds or {}).get(column.key)
        or st.column_config.TextColumn(
            column.label, alignment="right" if column.is_number else "left", width=column.width
        )
        for column in columns
    }
    st.dataframe(frame, hide_index=True, column_config=configured, key=key, alt=alt, height="content")
