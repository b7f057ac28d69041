"""Every counter rebuilt from its journal, and the rows where the two differ: made from the rules themselves.

`verify` runs them; nothing is repaired here.
"""

from oms_core.storage.rules.counters import COUNTERS, Counters

_KEYS = {
    "order_line": ("line_id",),
    "stock_balance": ("sku", "location", "condition"),
    "line_allocation": ("line_id", "location"),
    "payment": ("payment_id",),
    "stored_value": ("stored_value_id",),
    "purchase_order_line": ("po_line_id",),
    "return_request_line": ("request_line_id",),
    "lot_balance": ("sku", "lot", "location", "condition"),
}


def counter_checks() -> dict[str, tuple[str, str]]:
    """For each counter rule its checks, as name → (meaning, statement); a statement lists the rows that break it."""
    checks = {}
    for rule in COUNTERS:
        listed = ", ".join(rule.columns)
        meaning = f"{listed} of {rule.target} are the sums of their {rule.journal} rows"
        checks[f"{rule.name}_add_up"] = (meaning, _differing(rule))
        checks[f"{rule.name}_have_a_row"] = (
            f"each {rule.journal} row has the {rule.target} row that it moves",
            _without_row(rule),
        )
        checks[f"{rule.name}_name_their_last_row"] = (
            f"each {rule.target} row names one of its {rule.journal} rows as the last, where it has one",
            _last_unknown(rule),
        )
        if rule.requires:
            checks[f"{rule.name}_fit"] = (f"each {rule.journal} row fits what it names", _unfitting(rule))
    return checks


def _differing(rule: Counters) -> str:
    keys = ", ".join(f"t.{key}" for key in _KEYS[rule.target])
    sums = ", ".join(f"coalesce(sum({rule.delta(column, 'j')}), 0) as {column}" for column in rule.columns)
    rebuilt = ", ".join(f"r.{column} as rebuilt_{column}" for column in rule.columns)
    shown = ", ".join(f"t.{column}" for column in rule.columns)
    differs = " or ".join(f"t.{column} <> r.{column}" for column in rule.columns)
    same = " and ".join(f"r.{key} = t.{key}" for key in _KEYS[rule.target])
    # Balances of conditions other than the promised one have no journal rows and must be zero: the left join says so.
    return f"""
        select {keys}, {shown}, {rebuilt} from {rule.target} as t
        join (select {keys}, {sums} from {rule.target} as t
            left join {rule.journal} as j on {rule.matches("j", "t")} and {rule.when.format(row="j")}
            group by {keys}) as r on {same}
        where {differs}"""


def _without_row(rule: Counters) -> str:
    return f"""
        select j.{rule.journal_id} from {rule.journal} as j where {rule.when.format(row="j")}
            and not exists (select 1 from {rule.target} as t where {rule.matches("j", "t")})"""


def _last_unknown(rule: Counters) -> str:
    keys = ", ".join(f"t.{key}" for key in _KEYS[rule.target])
    counted = f"{rule.matches('j', 't')} and {rule.when.format(row='j')}"
    # Rows that an upgrade made for what was counted before have ids below zero and are nobody's last.
    return f"""
        select {keys}, t.{rule.last} from {rule.target} as t
        where (t.{rule.last} = 0 and exists (select 1 from {rule.journal} as j
                where {counted} and j.{rule.journal_id} > 0))
            or (t.{rule.last} <> 0 and not exists (select 1 from {rule.journal} as j
                where {counted} and j.{rule.journal_id} = t.{rule.last}))"""


def _unfitting(rule: Counters) -> str:
    return f"select j.{rule.journal_id} from {rule.journal} as j where not ({rule.requires.format(row='j')})"
