"""The one SQL statement of a question: the pruned templates of a metric, side by side, one row per answer row.

Columns of a statement: the asked dimensions, `bucket_date` when a grain is asked, then for metrics made of `sum`
templates `part_<n>_value`, `part_<n>_rows` and, for money, `part_<n>_currency`, `part_<n>_base_value`,
`part_<n>_base_currency` (a currency is null when it is not one and the same for every row); for an `interval`
template its own sums and `currency`, `currencies`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from pipelines.marts.pruning import SAMPLE_SIZE, Question, pruned
from pipelines.marts.templates import INTERVAL_COLUMNS, MONEY_COLUMNS, Formula, Template, Term

_DIALECT = "duckdb"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with named parameters and the values of exactly those it names."""

    sql: str
    parameters: dict[str, object]


def statement_for(
    formula: Formula,
    templates: Mapping[str, Template],
    question: Question,
    part: Callable[[Template, Question], exp.Select] = pruned,
) -> Statement:
    """One statement for all parts of a metric; `part` gives a template's sums for the question."""
    if formula.interval is not None:
        template = templates[formula.interval]
        return bound(_interval_select(template, part(template, question), question), question)
    terms = (*formula.numerator, *formula.denominator)
    selects = [part(templates[term.template], question) for term in terms]
    return bound(_sum_select(terms, selects, templates, question), question)


def bound(statement: exp.Select, question: Question) -> Statement:
    """The statement as SQL, with the values of the parameters it names."""
    named = {placeholder.name for placeholder in statement.find_all(exp.Placeholder)}
    parameters = {name: value for name, value in question.parameters().items() if name in named}
    return Statement(sql=statement.sql(dialect=_DIALECT, pretty=True), parameters=parameters)


def answer_columns(question: Question) -> list[str]:
    """Columns an answer is grouped and ordered by."""
    return [*(["bucket_date"] if question.grain else []), *question.by]


def _sum_select(
    terms: Sequence[Term], selects: Sequence[exp.Select], templates: Mapping[str, Template], question: Question
) -> exp.Select:
    keys = answer_columns(question)
    parts = [
        _part(number, templates[term.template], select, keys)
        for number, (term, select) in enumerate(zip(terms, selects, strict=True), start=1)
    ]
    rows: exp.Query = parts[0]
    for part in parts[1:]:
        rows = exp.union(rows, part, distinct=False)
    projections: list[exp.Expression] = [exp.column(name) for name in keys]
    for number, term in enumerate(terms, start=1):
        projections += _part_sums(number, is_money=templates[term.template].is_money)
    return _grouped(exp.select(*projections).with_("parts", as_=rows).from_("parts"), keys)


def _part(number: int, template: Template, statement: exp.Select, keys: Sequence[str]) -> exp.Select:
    """A pruned template in the common shape of all parts: part, keys, currencies, value, base_value."""
    held = {projection.alias_or_name for projection in statement.expressions}
    columns = [exp.alias_(exp.Literal.number(number), "part"), *(exp.column(name) for name in keys)]
    for name in (*MONEY_COLUMNS, "value", "base_value"):
        if name in keys:
            continue
        typed = "varchar" if name in MONEY_COLUMNS else "decimal(38, 6)"
        known = name in held and (template.is_money or name not in MONEY_COLUMNS)
        source: exp.Expression = exp.column(name) if known else exp.null()
        columns.append(exp.alias_(exp.cast(source, typed), name))
    columns.append(exp.column(SAMPLE_SIZE))
    return exp.select(*columns).from_(statement.subquery("pruned"))


def _part_sums(number: int, *, is_money: bool) -> list[exp.Expression]:
    value = _of_part(number, "value")
    sums = [
        _named(f"sum({value})", f"part_{number}_value"),
        _named(f"sum({_of_part(number, SAMPLE_SIZE)})", f"part_{number}_rows"),
    ]
    if is_money:
        currency, base = _of_part(number, "currency"), _of_part(number, "base_currency")
        rows = f"count(case when part = {number} then 1 end)"
        sums += [
            _named(f"case when min({currency}) = max({currency}) then min({currency}) end", f"part_{number}_currency"),
            _named(f"sum({_of_part(number, 'base_value')})", f"part_{number}_base_value"),
            _named(
                f"case when count({base}) = {rows} and min({base}) = max({base}) then min({base}) end",
                f"part_{number}_base_currency",
            ),
        ]
    return sums


def _of_part(number: int, column: str) -> str:
    return f"case when part = {number} then {column} end"


def _named(sql: str, name: str) -> exp.Expression:
    return exp.Alias(this=exp.maybe_parse(sql, dialect=_DIALECT), alias=exp.to_identifier(name))


def _interval_select(template: Template, statement: exp.Select, question: Question) -> exp.Select:
    keys = answer_columns(question)
    held = [projection.alias_or_name for projection in statement.expressions]
    projections: list[exp.Expression] = [exp.column(name) for name in keys]
    for name in INTERVAL_COLUMNS:
        if name in held:
            function = "max" if name.endswith(("_times", "_per")) else "sum"
            projections.append(_named(f"{function}({name})", name))
    if template.is_money and "currency" not in keys:
        projections += [_named("min(currency)", "currency"), _named("count(distinct currency)", "currencies")]
    return _grouped(exp.select(*projections).from_(statement.subquery("pruned")), keys)


def _grouped(statement: exp.Select, keys: Sequence[str]) -> exp.Select:
    if not keys:
        return statement
    ordered = [exp.Ordered(this=exp.column(name), nulls_first=False) for name in keys]
    return statement.group_by(*(exp.column(name) for name in keys)).order_by(*ordered)
