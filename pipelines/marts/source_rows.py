"""The statement behind a template's sums: the rows of a mart, or the pieces of time cut from one, that are added up.

A template ends in a select that groups. Taken apart, every aggregate gives a column of its rows and the way to add
that column up again: so a number is re-added by another road than the one it came by.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from pipelines.marts.pruning import Question, bucket, conditions, parsed, unaliased
from pipelines.marts.templates import INTERVAL_COLUMNS, MONEY_COLUMNS, SUM_COLUMNS, Template

_DIALECT = "duckdb"
_AGGREGATES = (exp.AggFunc, exp.WithinGroup, exp.Filter)
BUSINESS_DATE = "business_date"
_HAVING = "kept_group"


@dataclass(frozen=True, slots=True)
class RowsBehind:
    """All rows behind a template for one question, and the sums they make.

    `rows`: one row each, in a fixed order. `sums`: the same rows added up, in the shape a pruned template has.
    """

    rows: exp.Select
    sums: exp.Select


@dataclass(slots=True)
class _Flat:
    """A template's last select over its table, no select in between."""

    statement: exp.Select
    expressions: dict[str, exp.Expression]


def rows_behind(template: Template, question: Question, marts: Mapping[str, Sequence[str]]) -> RowsBehind:
    """The rows behind a template; `marts` gives the key columns of each mart."""
    flat = _flattened(parsed(template.sql).copy())
    keys = [*(["bucket_date"] if question.grain else []), *question.by]
    groups = {name: flat.expressions[name] for name in _group_names(template, question, flat)}
    if question.grain and template.kind == "sum":
        groups["bucket_date"] = bucket(question.grain, groups["bucket_date"])
    table = _table(flat.statement)
    shown = _shown(template, flat, table, marts)
    order = [shown[name] for name in _row_keys(table, marts) if name in shown]
    pieces, folds = _pieces(flat, keys=[groups[name] for name in keys], order=order)
    columns = {**groups, **{name: it for name, it in shown.items() if name not in groups}, **pieces}
    rows = flat.statement.copy()
    rows.set("expressions", [exp.alias_(it.copy(), name) for name, it in columns.items()])
    rows.set("group", None)
    rows.set("having", None)
    for condition in conditions(question, flat.expressions, is_sum=template.kind == "sum"):
        rows = rows.where(condition, copy=False)
    ordered = [name for name in (BUSINESS_DATE, *_row_keys(table, marts)) if name in columns]
    positions = [exp.column(name) for name in [*keys, *ordered, *columns]]
    listed = exp.select("*").from_(rows.copy().subquery("behind")).order_by(*dict.fromkeys(positions))
    return RowsBehind(
        rows=listed,
        sums=_sums(template, rows, list(groups), folds),
    )


def _flattened(statement: exp.Select) -> _Flat:
    """Replace selects that only rename by what they rename, down to the table."""
    names = [projection.alias_or_name for projection in statement.expressions]
    flat: exp.Select = statement
    while isinstance(source := flat.args["from_"].this, exp.Subquery) and isinstance(source.this, exp.Select):
        inner = source.this
        if inner.args.get("group") or inner.args.get("distinct"):
            break
        renamed = {projection.alias_or_name: unaliased(projection) for projection in inner.expressions}
        replaced = flat.transform(_replacing(renamed, source.alias_or_name))
        if not isinstance(replaced, exp.Select):
            raise TypeError("a select stays one")
        flat = replaced
        if inner.args.get("where"):
            flat = flat.where(inner.args["where"].this.copy(), copy=False)
        flat.set("from_", exp.From(this=inner.args["from_"].this.copy()))
        if inner.args.get("joins"):
            flat.set("joins", [one.copy() for one in inner.args["joins"]])
    expressions = [unaliased(projection) for projection in flat.expressions]
    return _Flat(statement=flat, expressions=dict(zip(names, expressions, strict=True)))


def _replacing(renamed: Mapping[str, exp.Expression], source: str) -> Callable[[exp.Expression], exp.Expression]:
    def replace(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Subquery) and node.alias_or_name == source:
            return node
        if isinstance(node, exp.Column) and node.table in ("", source) and node.name in renamed:
            inner = renamed[node.name].copy()
            return inner if isinstance(inner, exp.Column | exp.Literal) else exp.paren(inner, copy=False)
        return node

    return replace


def _table(statement: exp.Select) -> exp.Table | None:
    """The one table a select reads; none if it joins several."""
    source = statement.args["from_"].this
    return source if isinstance(source, exp.Table) and not statement.args.get("joins") else None


def _row_keys(table: exp.Table | None, marts: Mapping[str, Sequence[str]]) -> list[str]:
    return list(marts.get(f"{table.db}.{table.name}", ())) if table is not None else []


def _group_names(template: Template, question: Question, flat: _Flat) -> list[str]:
    names = [*(["bucket_date"] if question.grain else []), *question.by]
    if template.is_money:
        names += [name for name in MONEY_COLUMNS if name not in names]
    return [name for name in names if name in flat.expressions]


def _shown(
    template: Template, flat: _Flat, table: exp.Table | None, marts: Mapping[str, Sequence[str]]
) -> dict[str, exp.Expression]:
    """What tells a row: the mart's keys, its business date, and the template's dimensions."""
    found: dict[str, exp.Expression] = {}
    if template.kind == "sum":
        found[BUSINESS_DATE] = flat.expressions["bucket_date"]
    alias = table.alias_or_name if table is not None else None
    sums = {*SUM_COLUMNS, *INTERVAL_COLUMNS, "bucket_date"}
    for name in _row_keys(table, marts):
        if name not in flat.expressions:
            found[name] = exp.column(name, table=alias)
    found |= {name: it for name, it in flat.expressions.items() if name not in sums}
    for name in _columns_of(flat.statement, table):
        if name not in found and name not in sums:
            found[name] = exp.column(name, table=alias)
    return found


def _columns_of(statement: exp.Select, table: exp.Table | None) -> list[str]:
    """The columns of a common table expression a select reads; none of a mart, whose dimensions are enough."""
    if table is None or table.db:
        return []
    by_name = {one.alias_or_name: one.this for one in statement.ctes}
    query = by_name.get(table.name)
    while isinstance(query, exp.SetOperation):
        query = query.left
    if not isinstance(query, exp.Select):
        return []
    if any(isinstance(projection, exp.Star) for projection in query.expressions):
        source = query.args["from_"].this
        return _columns_of(statement, source if isinstance(source, exp.Table) else None)
    return [projection.alias_or_name for projection in query.expressions]


def _pieces(
    flat: _Flat, *, keys: Sequence[exp.Expression], order: Sequence[exp.Expression]
) -> tuple[dict[str, exp.Expression], dict[str, exp.Expression]]:
    """A row's column for every aggregate, and by sum the expression that makes it of these columns."""
    pieces: dict[str, exp.Expression] = {}
    folds: dict[str, exp.Expression] = {}
    having = flat.statement.args.get("having")
    summed = {name: flat.expressions[name] for name in (*SUM_COLUMNS, *INTERVAL_COLUMNS) if name in flat.expressions}
    for name, made in {**summed, **({_HAVING: having.this} if having else {})}.items():
        holder = exp.alias_(made.copy(), name)
        found = _outermost_aggregates(holder.this)
        for number, node in enumerate(found, start=1):
            column = name if len(found) == 1 else f"{name}_{number}"
            pieces[column], again = _taken_apart(node, column, keys=keys, order=order)
            node.replace(again)
        folds[name] = holder.this
    return pieces, folds


def _outermost_aggregates(node: exp.Expression) -> list[exp.Expression]:
    if isinstance(node, _AGGREGATES):
        return [node]
    return [found for child in node.iter_expressions() for found in _outermost_aggregates(child)]


def _taken_apart(
    node: exp.Expression, column: str, *, keys: Sequence[exp.Expression], order: Sequence[exp.Expression]
) -> tuple[exp.Expression, exp.Expression]:
    """What one row gives to an aggregate, and the aggregate over these gifts."""
    again = exp.column(column)
    if isinstance(node, exp.Filter):
        piece, fold = _taken_apart(node.this, column, keys=keys, order=order)
        return exp.Case(ifs=[exp.If(this=node.expression.this.copy(), true=piece)]), fold
    if isinstance(node, exp.WithinGroup):
        piece = node.expression.expressions[0].this
        return piece.copy(), _quantile(type(node.this), node.this.this, again)
    if isinstance(node, exp.PercentileCont | exp.PercentileDisc):
        return node.this.copy(), _quantile(type(node), node.expression.this, again)
    if isinstance(node, exp.Count):
        return _counting(node, again, keys=keys, order=order)
    fold = node.copy()
    fold.set("this", again)
    return node.this.copy(), fold


def _counting(
    node: exp.Count, again: exp.Column, *, keys: Sequence[exp.Expression], order: Sequence[exp.Expression]
) -> tuple[exp.Expression, exp.Expression]:
    counted = node.this
    if isinstance(counted, exp.Distinct):
        return _first_of_each(counted.expressions[0], keys=keys, order=order), _counted(again)
    if isinstance(counted, exp.Star) or counted is None:
        return exp.Literal.number(1), exp.Count(this=exp.Star())
    return _one_where(exp.Not(this=exp.Is(this=counted.copy(), expression=exp.Null()))), _counted(again)


def _counted(column: exp.Expression) -> exp.Expression:
    return exp.Coalesce(this=exp.Sum(this=column), expressions=[exp.Literal.number(0)])


def _quantile(kind: type[exp.Expression], share: exp.Expression, column: exp.Expression) -> exp.Expression:
    name = "quantile_disc" if issubclass(kind, exp.PercentileDisc) else "quantile_cont"
    return exp.Anonymous(this=name, expressions=[column, share.copy()])


def _first_of_each(
    counted: exp.Expression, *, keys: Sequence[exp.Expression], order: Sequence[exp.Expression]
) -> exp.Expression:
    """1 on the first row of every distinct value within a group of the answer, 0 on the others."""
    ranked = exp.Window(
        this=exp.RowNumber(),
        partition_by=[*(key.copy() for key in keys), counted.copy()],
        order=exp.Order(expressions=[exp.Ordered(this=one.copy()) for one in (*order, counted)]),
    )
    is_first = exp.EQ(this=ranked, expression=exp.Literal.number(1))
    return _one_where(exp.and_(is_first, exp.Not(this=exp.Is(this=counted.copy(), expression=exp.Null()))))


def _one_where(condition: exp.Expr) -> exp.Expression:
    return exp.Case(ifs=[exp.If(this=condition, true=exp.Literal.number(1))], default=exp.Literal.number(0))


def _sums(
    template: Template, rows: exp.Select, groups: Sequence[str], folds: Mapping[str, exp.Expression]
) -> exp.Select:
    """The rows added up in the shape a pruned template has."""
    projections: list[exp.Expression] = [exp.column(name) for name in groups]
    projections += [_named(fold, name) for name, fold in folds.items() if name != _HAVING]
    if template.kind == "sum":
        projections.append(_named(exp.Count(this=exp.Star()), "sample_size"))
    added = exp.select(*projections).from_(rows.copy().subquery("behind"))
    if _HAVING in folds:
        added = added.having(folds[_HAVING].copy())
    return added.group_by(*(exp.column(name) for name in groups)) if groups else added


def _named(expression: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=expression.copy(), alias=exp.to_identifier(name))
