"""Rebuild balances: name every row that differs from its journal; repair only when told to, never in silence."""

from dataclasses import dataclass

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, StorageUnavailableError
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.storage.balance_rebuild import Drift, drifts, repair


@dataclass(frozen=True, slots=True)
class RebuildBalances:
    """Set counters to what their journals say, and why that is right."""

    reason: str


def differing_rows(connection: sa.Connection) -> list[dict[str, object]]:
    """Every counter that differs from its journal: table, row, column, kept, rebuilt. Nothing is changed."""
    return [_shown(it) for it in drifts(connection)]


@use_case("stock.rebuild", Permission.REBUILD)
def rebuild_balances(unit: Unit, request: RebuildBalances) -> Outcome:
    """The rows that were set right; the audit keeps who did it and why.

    Raises:
        InvalidRequestError: REASON_MISSING.
        StorageUnavailableError: REBUILD_NOT_POSSIBLE where the database account may not lift the rules of a table.
        RuleViolationError: what a rebuilt counter itself would break, such as STOCK_SHORT.
    """
    if not request.reason.strip():
        raise InvalidRequestError(
            "REASON_MISSING", "a repair has a reason", remedy="Say what was found and who looked into it."
        )
    wrong = drifts(unit.connection)
    if wrong:
        try:
            repair(unit.connection, wrong, unit.stamp.change_id)
        except sa.exc.ProgrammingError as error:
            raise StorageUnavailableError(
                "REBUILD_NOT_POSSIBLE",
                "this database account may not lift the rules of a table",
                remedy="Run it with the account that owns the tables.",
            ) from error
    document = {"repaired": [_shown(it) for it in wrong]}
    return Outcome("stock_balance", "all", document, topic="stock.rebuilt", reason=request.reason)


def _shown(it: Drift) -> dict[str, object]:
    return {"table": it.table, "row": it.named, "column": it.column, "kept": it.kept, "rebuilt": it.rebuilt}
