"""`oms adjust`: units found, lost, scrapped or in another condition; what waits for a second person; the rebuild."""

from collections.abc import Callable
from typing import Any

import click

from pipelines.cli.commanding import acting
from pipelines.cli.output import json_option
from pipelines.cli.stock_input import at_option, show

_CONDITION = click.option("--condition", default="sellable", show_default=True)
_LOT = click.option("--lot", help="Lot or serial number, where the article is kept by one.")
_REASON = click.option("--reason", required=True)


@click.group("adjust")
def adjust_group() -> None:
    """Corrections of stock."""


@adjust_group.command("units", context_settings={"ignore_unknown_options": True})
@click.argument("sku")
@click.argument("location")
@click.argument("quantity", type=int)
@_CONDITION
@_LOT
@click.option("--cost", help="Unit cost of found units, such as 2.35.")
@click.option("--currency", help="Of the cost.")
@_REASON
@at_option
@acting
def units_command(
    *,
    sku: str,
    location: str,
    quantity: int,
    condition: str,
    lot: str | None,
    cost: str | None,
    currency: str | None,
    reason: str,
    at: int | None,
    give: Callable[..., Any],
) -> None:
    """Units more (3) or fewer (-3) than recorded; above the limit a second person decides."""
    from oms_core.services.adjust_stock import AdjustStock, adjust_stock

    give(adjust_stock, AdjustStock(sku, location, quantity, reason, condition, lot, at, cost, currency))


@adjust_group.command("scrap")
@click.argument("sku")
@click.argument("location")
@click.argument("quantity", type=int)
@click.option("--condition", default="damaged", show_default=True)
@_LOT
@_REASON
@at_option
@acting
def scrap_command(
    *,
    sku: str,
    location: str,
    quantity: int,
    condition: str,
    lot: str | None,
    reason: str,
    at: int | None,
    give: Callable[..., Any],
) -> None:
    """Throw units away."""
    from oms_core.services.adjust_stock import ScrapStock, scrap_stock

    give(scrap_stock, ScrapStock(sku, location, quantity, reason, condition, lot, at))


@adjust_group.command("condition")
@click.argument("sku")
@click.argument("location")
@click.argument("quantity", type=int)
@click.option("--from", "before", default="sellable", show_default=True)
@click.option("--to", "after", required=True, help="sellable, inspection, damaged, expired or recalled.")
@_LOT
@_REASON
@at_option
@acting
def condition_command(
    *,
    sku: str,
    location: str,
    quantity: int,
    before: str,
    after: str,
    lot: str | None,
    reason: str,
    at: int | None,
    give: Callable[..., Any],
) -> None:
    """Put units into another condition."""
    from oms_core.services.change_condition import ChangeCondition, change_condition

    give(change_condition, ChangeCondition(sku, location, before, after, quantity, reason, lot, at))


@adjust_group.command("waiting")
@click.option("--all", "everything", is_flag=True, help="Decided ones too.")
@json_option
def waiting_command(*, everything: bool, as_json: bool) -> None:
    """Requests that wait for a second person."""
    from oms_core.services.approvals import approvals

    columns = ["approval", "use_case", "requested_by", "reason", "state", "decided_by"]
    state = None if everything else "pending"
    show(lambda connection: approvals(connection, state=state), as_json=as_json, columns=columns)


@adjust_group.command("approve")
@click.argument("approval")
@_REASON
@acting
def approve_command(*, approval: str, reason: str, give: Callable[..., Any]) -> None:
    """Let a request of somebody else happen."""
    from oms_core.services.approvals import DecideApproval, decide_stock_approval

    give(decide_stock_approval, DecideApproval(approval, approve=True, reason=reason))


@adjust_group.command("reject")
@click.argument("approval")
@_REASON
@acting
def reject_command(*, approval: str, reason: str, give: Callable[..., Any]) -> None:
    """Turn a request of somebody else down."""
    from oms_core.services.approvals import DecideApproval, decide_stock_approval

    give(decide_stock_approval, DecideApproval(approval, approve=False, reason=reason))


@adjust_group.command("negative-stock")
@click.argument("location")
@click.option("--allow/--forbid", required=True)
@_REASON
@acting
def negative_stock_command(*, location: str, allow: bool, reason: str, give: Callable[..., Any]) -> None:
    """Whether a location may go below zero from now on; no balance changes."""
    from oms_core.services.location_policy import SetNegativeStock, set_negative_stock

    give(set_negative_stock, SetNegativeStock(location, allow, reason))


@adjust_group.command("differences")
@json_option
def differences_command(*, as_json: bool) -> None:
    """Name every counter that differs from its journal; nothing is changed."""
    from oms_core.services.rebuild_balances import differing_rows

    show(differing_rows, as_json=as_json, columns=["table", "row", "column", "kept", "rebuilt"])


@adjust_group.command("rebuild")
@_REASON
@acting
def rebuild_command(*, reason: str, give: Callable[..., Any]) -> None:
    """Set counters that differ to what their journals say (administrator); says which they were."""
    from oms_core.services.rebuild_balances import RebuildBalances, rebuild_balances

    give(rebuild_balances, RebuildBalances(reason))
