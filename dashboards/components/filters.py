"""The filter bar: one row on a desk, one popover on a phone; every choice stands in the address.

Keys are prefixed per page.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import streamlit as st

from dashboards.components.address import keep, one_of, seed
from dashboards.components.device import is_phone
from dashboards.components.speech import speaker
from dashboards.queries import periods
from dashboards.queries.periods import Period

_DAY_WIDTH: Final = 145
_CLEARABLE_DAY_WIDTH: Final = 170
EVERYTHING: Final = ""  # the option that filters nothing; it leaves the address


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
def filter_bar(key: str, defaults: Mapping[str, object]) -> Iterator[None]:
    """Where filters are drawn: a row, or on a phone a sheet whose label says how many of `defaults` were changed."""
    if is_phone():
        with st.popover(_summary(defaults), icon=":material/tune:", width="stretch", key=f"{key}_popover"):
            yield
    else:
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_bar"):
            yield


def _summary(defaults: Mapping[str, object]) -> str:
    say = speaker()
    # Before its first drawing a choice stands in the address only.
    chosen = [
        key
        for key, default in defaults.items()
        if (st.session_state[key] != default if key in st.session_state else key in st.query_params)
    ]
    return say.text("filters.open_chosen", count=say.number(len(chosen))) if chosen else say.text("filters.open")


def period_filter(prefix: str, data: Period) -> Period:
    """The period buttons, and two dates when it is a custom one."""
    say = speaker()
    key = f"{prefix}_period"
    current = seed(key, periods.DEFAULT_CHOICE, one_of(*periods.CHOICES))
    choice = st.segmented_control(
        say.text("filters.period"),
        periods.CHOICES,
        default=current,
        required=True,
        format_func=lambda option: say.text(f"filters.periods.{option}"),
        key=key,
    )
    keep(key, choice, periods.DEFAULT_CHOICE)
    first = last = None
    if choice == "custom":
        first = _edge(f"{prefix}_first", say.text("filters.first_day"), default=data.first, data=data)
        last = _edge(f"{prefix}_last", say.text("filters.last_day"), default=data.last, data=data)
    return periods.resolve(str(choice), data=data, first=first, last=last)


def _edge(key: str, label: str, *, default: date, data: Period) -> date:
    current = seed(key, default, lambda text: _day_within(text, data))
    chosen = st.date_input(
        label, current, min_value=data.first, max_value=data.last, format="YYYY-MM-DD", key=key, width=_DAY_WIDTH
    )
    # Written even when it is the end of the data: a link must mean the same days next year.
    day = chosen if isinstance(chosen, date) else default
    keep(key, day, None, _iso)
    return day


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _day_within(text: str, data: Period) -> date | None:
    day = _day(text)
    return min(max(day, data.first), data.last) if day else None


def comparison_filter(prefix: str) -> str:
    """What the period is compared with."""
    say = speaker()
    key = f"{prefix}_compare"
    default = periods.COMPARISONS[0]
    current = seed(key, default, one_of(*periods.COMPARISONS))
    chosen = st.selectbox(
        say.text("filters.compare"),
        periods.COMPARISONS,
        index=periods.COMPARISONS.index(current),
        format_func=lambda option: say.text(f"filters.comparisons.{option}"),
        key=key,
        width="stretch" if is_phone() else 150,
    )
    return keep(key, chosen if chosen in periods.COMPARISONS else default, default)


def choice_filter(
    key: str,
    label: str,
    options: Sequence[str],
    *,
    name: Callable[[str], str],
    width: int = 145,
    on_change: Callable[[], None] | Literal["rerun"] = "rerun",
) -> tuple[str, ...]:
    """One value of a dimension, or all of them (an empty tuple)."""
    say = speaker()
    offered = (EVERYTHING, *options)
    current = seed(key, EVERYTHING, one_of(*offered))
    if current not in offered:  # the options changed since it was chosen
        current = st.session_state[key] = EVERYTHING
    chosen = st.selectbox(
        label,
        offered,
        index=offered.index(current),
        format_func=lambda option: say.text("filters.all") if option == EVERYTHING else name(option),
        key=key,
        on_change=on_change,
        width="stretch" if is_phone() else width,
    )
    value = keep(key, chosen if chosen in offered else EVERYTHING, EVERYTHING)
    return (value,) if value else ()


def day_filter(key: str, label: str, *, on_change: Callable[[], None]) -> date | None:
    """One day, or any."""
    current: date | None = seed(key, None, _day)
    chosen = st.date_input(
        label, current, format="YYYY-MM-DD", key=key, on_change=on_change, width=_CLEARABLE_DAY_WIDTH
    )
    return keep(key, chosen if isinstance(chosen, date) else None, None, _iso)


def search_filter(
    key: str, label: str, *, hint: str, on_change: Callable[[], None], width: int | Literal["stretch"]
) -> str:
    """A search that answers while it is typed."""
    seed(key, "", str)
    text = st.text_input(
        label, key=key, type="search", live="300ms", placeholder=hint, on_change=on_change, width=width, max_chars=100
    )
    return keep(key, text or "", "")


def page_filter(key: str, pages: int) -> None:
    """The pages of a list; the chosen one is read by `chosen_page` before the list is drawn."""
    page = min(chosen_page(key), max(pages, 1))
    st.session_state[key] = page
    if pages > 1:
        page = st.pagination(pages, key=key)
    keep(key, page, 1)


def chosen_page(key: str) -> int:
    """The page asked for, from 1."""
    seed(key, 1, lambda text: int(text) if text.isdecimal() and int(text) > 0 else None)
    return max(1, int(st.session_state.get(key) or 1))


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
