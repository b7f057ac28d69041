"""The filter bar: one row on a desk, one popover on a phone; every choice is bound to the address.

Keys are prefixed per page. A value the address names and we do not know falls back to the default, and says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Literal

import streamlit as st

from dashboards.components.device import is_phone
from dashboards.components.speech import speaker
from dashboards.queries import periods
from dashboards.queries.periods import Period

EVERYTHING = ""  # the option that filters nothing; it leaves the address


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader chose: the period, what it is compared with, and values by dimension."""

    period: Period
    compared: Period | None
    comparison: str
    where: Mapping[str, tuple[str, ...]]

    def for_metric(self, dimensions: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The filters a metric has a dimension for; a page says so where one does not apply."""
        return {name: values for name, values in self.where.items() if name in dimensions}


@contextmanager
def filter_bar(key: str, *, summary: str) -> Iterator[None]:
    """Where filters are drawn: a row, or on a phone a popover whose label says what is chosen."""
    if is_phone():
        with st.popover(summary, icon=":material/tune:", width="stretch", key=f"{key}_popover"):
            yield
    else:
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_bar"):
            yield


def period_filter(prefix: str, data: Period) -> Period:
    """The period buttons, and two dates when it is a custom one."""
    say = speaker()
    choice = st.segmented_control(
        say.text("filters.period"),
        periods.CHOICES,
        default=periods.DEFAULT_CHOICE,
        required=True,
        format_func=lambda option: say.text(f"filters.periods.{option}"),
        key=f"{prefix}_period",
        bind="query-params",
    )
    first = last = None
    if choice == "custom":
        first = _date(say.text("filters.first_day"), f"{prefix}_first", default=data.first, data=data)
        last = _date(say.text("filters.last_day"), f"{prefix}_last", default=data.last, data=data)
    return periods.resolve(str(choice), data=data, first=first, last=last)


def _date(label: str, key: str, *, default: date, data: Period) -> date:
    chosen = st.date_input(
        label,
        default,
        min_value=data.first,
        max_value=data.last,
        format="YYYY-MM-DD",
        key=key,
        bind="query-params",
        width=150,
    )
    return chosen if isinstance(chosen, date) else default


def comparison_filter(prefix: str) -> str:
    """What the period is compared with."""
    say = speaker()
    return str(
        st.selectbox(
            say.text("filters.compare"),
            periods.COMPARISONS,
            format_func=lambda option: say.text(f"filters.comparisons.{option}"),
            key=f"{prefix}_compare",
            bind="query-params",
            width=170,
        )
    )


def choice_filter(
    key: str,
    label: str,
    options: Sequence[str],
    *,
    name: Callable[[str], str],
    width: int = 130,
    on_change: Callable[[], None] | Literal["rerun"] = "rerun",
) -> tuple[str, ...]:
    """One value of a dimension, or all of them (an empty tuple)."""
    say = speaker()
    chosen = st.selectbox(
        label,
        (EVERYTHING, *options),
        format_func=lambda option: say.text("filters.all") if option == EVERYTHING else name(option),
        key=key,
        bind="query-params",
        on_change=on_change,
        width=width,
    )
    return () if chosen in (EVERYTHING, None) else (str(chosen),)


def day_filter(key: str, label: str, *, on_change: Callable[[], None]) -> date | None:
    """One day, or any."""
    chosen = st.date_input(
        label, None, format="YYYY-MM-DD", key=key, bind="query-params", on_change=on_change, width=150
    )
    return chosen if isinstance(chosen, date) else None


def reset_button(prefix: str, defaults: Mapping[str, object]) -> None:
    """One click back to the defaults (`defaults` by key); drawn only where something is chosen."""
    if any(st.session_state.get(key, default) != default for key, default in defaults.items()):
        st.button(
            speaker().text("filters.reset"),
            key=f"{prefix}reset",
            icon=":material/restart_alt:",
            type="tertiary",
            on_click=st.session_state.update,
            args=(dict(defaults),),
        )
