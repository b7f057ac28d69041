"""A line over time with the compared period dotted beneath it, bucket by bucket."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import plotly.graph_objects as go

from dashboards.queries.periods import Grain
from dashboards.server.options import PALETTE

_HEIGHT: Final = 400
_PHONE_HEIGHT: Final = 300
_TICKS: Final = 6
_PHONE_TICKS: Final = 4
_YEARS_TICKS_LESS: Final = 2  # days with their year are twice as wide
_COMPARED_COLOUR: Final = "#6b7780"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a name for the legend and a value for each bucket."""

    name: str
    starts: Sequence[date]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class TrendWords:
    """How the chart speaks: axis title, amounts on the axis and in tooltips, days in full and short."""

    unit: str
    amount: Callable[[float], str]
    exact: Callable[[float], str]
    day: Callable[[date], str]


def trend_figure(
    actual: Line, compared: Line | None, *, grain: Grain, words: TrendWords, compact: bool = False
) -> go.Figure:
    """The figure; the compared line is laid under the actual one by bucket number. `compact` for phones."""
    traces: list[dict[str, Any]] = []
    if compared is not None:
        traces.append(_trace(compared, words, {"color": _COMPARED_COLOUR, "dash": "dot", "width": 2}))
    traces.append(_trace(actual, words, {"color": PALETTE[0], "width": 2.5}))
    across_years = actual.starts[0].year != actual.starts[-1].year
    ticks = (_PHONE_TICKS if compact else _TICKS) - (_YEARS_TICKS_LESS if across_years else 0)
    every = max(1, -(-len(actual.starts) // ticks))
    at = list(range(0, len(actual.starts), every))
    highest = max(
        (value for line in (actual, compared) if line for value in line.values if value is not None), default=0
    )
    steps = nice_steps(highest)
    layout = {
        "height": _PHONE_HEIGHT if compact else _HEIGHT,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "legend": {"orientation": "h", "y": 1.14, "x": 0, "traceorder": "reversed"},
        "hovermode": "x unified",
        "showlegend": compared is not None,
        "xaxis": {
            "tickvals": at,
            "ticktext": [axis_day(actual.starts[index], grain, across_years=across_years) for index in at],
            "range": [-0.3, len(actual.starts) - 0.7],
            "showgrid": False,
            "tickangle": 0,
            "fixedrange": True,
            "automargin": True,
        },
        "yaxis": {
            "tickvals": steps,
            "ticktext": [words.amount(step) for step in steps],
            "title": {"text": words.unit},
            "range": [min(0, *(v for v in actual.values if v is not None), 0), (steps[-1] or 1) * 1.04],
            "fixedrange": True,
            "automargin": True,
        },
    }
    return go.Figure({"data": traces, "layout": layout}, _validate=False)


def _trace(line: Line, words: TrendWords, style: dict[str, Any]) -> dict[str, Any]:
    texts = [
        f"{words.day(start)}: {words.exact(value)}" if value is not None else words.day(start)
        for start, value in zip(line.starts, line.values, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(line.starts) <= 2 * _TICKS else "lines",
        "name": line.name,
        "x": list(range(len(line.starts))),
        "y": list(line.values),
        "line": style,
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
    }


def axis_day(start: date, grain: Grain, *, across_years: bool) -> str:
    """A bucket on the axis in numbers only, readable in every language: 06-24, 2026-06, 2025-12-29."""
    if grain == "month":
        return f"{start:%Y-%m}"
    return f"{start:%Y-%m-%d}" if across_years else f"{start:%m-%d}"


def nice_steps(highest: float) -> list[float]:
    """Four to six round steps from zero to at least `highest`; two steps for nothing at all."""
    if highest <= 0:
        return [0.0, 1.0]
    power = 1.0
    while power * 10 <= highest:
        power *= 10
    while power > highest:
        power /= 10
    step = next(power * part for part in (0.2, 0.25, 0.5, 1.0, 2.0, 2.5) if highest / (power * part) <= 5)  # noqa: PLR2004
    steps = [0.0]
    while steps[-1] < highest:
        steps.append(round(steps[-1] + step, 10))
    return steps
