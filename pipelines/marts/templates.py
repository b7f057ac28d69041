"""What a build compiles and a snapshot keeps: metrics as documents and the SQL templates they are asked with.

A template's last select lists dimensions, `bucket_date` and sums, and groups by everything that is no sum, so that
asking can drop what is not asked and add filters (`pruning`). Two kinds:

- `sum`: compiled by MetricFlow, one row per business date; sums are `value` and, for money, `base_value`.
- `interval`: rendered from a dbt macro, parameters $from, $to (dates, both included) and $grain (day, week, month or
  null for one bucket); sums are `numerator`, `denominator` and, constant within a bucket, `numerator_times`,
  `numerator_per`, `denominator_per` that scale them; `unvalued` counts units without a known unit cost and
  `sample_size` the cases a quantile or an estimate was taken over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DIMENSIONS = (
    "channel",
    "account",
    "country",
    "region",
    "location",
    "supplier",
    "carrier",
    "delivery_method",
    "category",
    "sku",
    "currency",
    "line_kind",
    "payment_method",
    "status",
    "stage",
    "reason",
    "cause",
    "condition",
    "age_bucket",
    "abc_class",
    "customer",
    "customer_group",
)
GRAINS = ("day", "week", "month")
MONEY_COLUMNS = ("currency", "base_currency")
SUM_COLUMNS = ("value", "base_value")
INTERVAL_COLUMNS = (
    "numerator",
    "denominator",
    "numerator_times",
    "numerator_per",
    "denominator_per",
    "unvalued",
    "sample_size",
)


@dataclass(frozen=True, slots=True)
class Term:
    """One template with its sign in a sum."""

    sign: int
    template: str


@dataclass(frozen=True, slots=True)
class Formula:
    """Numerator over denominator, each a signed sum of templates; no denominator: the numerator is the value.

    `interval` names the one template that gives both sides.
    """

    numerator: tuple[Term, ...] = ()
    denominator: tuple[Term, ...] = ()
    interval: str | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A number by name. `unit`: money, units, orders, lines, payments, ratio, turns, days.

    `label` and `definition` by language (en, zh); `better`: the direction that is good news; `status`: ready, or due
    with a `reason`; `asked_by`: dimensions without which its number would mix what must not be mixed. `owner`: who
    answers for it; `cohort`: the date its rows are counted by; `maturity_days`: days after which it is firm.
    """

    name: str
    label: Mapping[str, str]
    unit: str
    definition: Mapping[str, str]
    dimensions: tuple[str, ...]
    better: str | None
    status: str = "ready"
    reason: str | None = None
    formula: Formula = Formula()
    asked_by: tuple[str, ...] = ()
    owner: str | None = None
    cohort: str | None = None
    maturity_days: int | None = None


@dataclass(frozen=True, slots=True)
class Mart:
    """A published table: the columns that tell its rows apart."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """Compiled SQL of one metric part. `version` is the hash of the SQL; `lineage` runs from raw table to mart."""

    name: str
    kind: str
    is_money: bool
    dimensions: tuple[str, ...]
    sql: str
    version: str
    lineage: tuple[str, ...]


def metric_document(metric: Metric) -> dict[str, object]:
    """A metric as plain JSON values; `metric_from` reads it back, from older snapshots too."""
    formula = metric.formula
    return {
        "name": metric.name,
        "label": dict(metric.label),
        "unit": metric.unit,
        "definition": dict(metric.definition),
        "dimensions": list(metric.dimensions),
        "better": metric.better,
        "status": metric.status,
        "reason": metric.reason,
        "asked_by": list(metric.asked_by),
        "owner": metric.owner,
        "cohort": metric.cohort,
        "maturity_days": metric.maturity_days,
        "formula": {
            "numerator": [[term.sign, term.template] for term in formula.numerator],
            "denominator": [[term.sign, term.template] for term in formula.denominator],
            "interval": formula.interval,
        },
    }


def metric_from(document: Mapping[str, object]) -> Metric:
    """The metric a document describes."""
    formula = _mapping(document["formula"])
    return Metric(
        name=str(document["name"]),
        label={key: str(text) for key, text in _mapping(document["label"]).items()},
        unit=str(document["unit"]),
        definition={key: str(text) for key, text in _mapping(document["definition"]).items()},
        dimensions=tuple(str(name) for name in _sequence(document["dimensions"])),
        better=_text_or_none(document["better"]),
        status=str(document["status"]),
        reason=_text_or_none(document["reason"]),
        formula=Formula(
            numerator=_terms(formula["numerator"]),
            denominator=_terms(formula["denominator"]),
            interval=_text_or_none(formula["interval"]),
        ),
        asked_by=tuple(str(name) for name in _sequence(document["asked_by"])),
        owner=_text_or_none(document.get("owner")),
        cohort=_text_or_none(document.get("cohort")),
        maturity_days=None if (days := document.get("maturity_days")) is None else int(str(days)),
    )


def _terms(value: object) -> tuple[Term, ...]:
    pairs = (_sequence(pair) for pair in _sequence(value))
    return tuple(Term(sign=int(str(pair[0])), template=str(pair[1])) for pair in pairs)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(type(value).__name__)
    return value


def _sequence(value: object) -> Sequence[object]:
    if not isinstance(value, Sequence):
        raise TypeError(type(value).__name__)
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
