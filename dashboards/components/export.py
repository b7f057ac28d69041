"""Export: the rows behind a page as a file that says where they come from."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.components.speech import speaker

Rows = Sequence[Mapping[str, Any]]


def csv_file(rows: Rows, origin: Mapping[str, str]) -> bytes:
    """CSV with a byte order mark (spreadsheets then read Chinese), the origin's fields on every row."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([*columns, *origin])
    for row in rows:
        writer.writerow([_safe(row.get(column)) for column in columns] + list(origin.values()))
    return buffer.getvalue().encode("utf-8-sig")


def _safe(value: object) -> object:
    # A cell that begins like a formula runs when a spreadsheet opens the file; texts come from feeds.
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def export_button(key: str, label: str, file_name: str, build: Callable[[], bytes]) -> None:
    """A download that is built only when it is clicked."""
    st.download_button(
        label,
        data=build,
        file_name=file_name,
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )


def export_menu(key: str) -> DeltaGenerator:
    """The popover the downloads of a page are drawn in."""
    return st.popover(speaker().text("export.menu"), icon=":material/download:", key=key)
