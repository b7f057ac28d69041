"""`oms payment`: what happened to the money of orders, refunds, gift cards and store credit, exchange rates."""

from collections.abc import Callable
from typing import Any

import click

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.commanding import acting, as_text
from pipelines.cli.output import emit, json_option, table


@click.group("payment")
def payment_group() -> None:
    """Payments: record, refund, list; gift cards, store credit and exchange rates."""


def _recording(event: str, name: str, summary: str) -> None:
    """Add the command that records one kind of event."""

    @payment_group.command(name, help=summary)
    @click.argument("order", metavar="ORDER")
    @click.argument("amount", metavar="AMOUNT")
    @click.option("--method", metavar="METHOD", required=True, help="card, alipay, bank_transfer …")
    @click.option("--provider", metavar="NAME", help="Who moved the money; default: the method.")
    @click.option("--ref", "provider_ref", metavar="REF", required=True, help="The provider's reference; no card data.")
    @click.option("--tender", metavar="NAME", help="Tells two payments of one method apart.")
    @click.option("--at", "occurred_at", metavar="INSTANT", help="When it happened, with its zone; default: now.")
    @click.option("--reason", metavar="TEXT")
    @acting
    def command(
        *,
        order: str,
        amount: str,
        method: str,
        provider: str | None,
        provider_ref: str,
        tender: str | None,
        occurred_at: str | None,
        reason: str | None,
        give: Callable[..., Any],
    ) -> None:
        from oms_core.services.record_payment import RecordPayment, record_payment
        from oms_core.services.stock_moments import read_instant

        at = read_instant(occurred_at) if occurred_at else None
        request = RecordPayment(
            order,
            event,
            method,
            amount,
            provider or method,
            provider_ref,
            tender,
            occurred_at=at,
            reason=reason,
        )
        give(record_payment, request)


_recording("authorize", "authorise", "The provider promised AMOUNT for ORDER.")
_recording("capture", "capture", "The provider took AMOUNT for ORDER.")
_recording("void", "void", "The promise of AMOUNT for ORDER was given back.")
_recording("fail", "fail", "An attempt to pay AMOUNT for ORDER failed.")
_recording("charge_back", "charge-back", "The bank took AMOUNT of ORDER back.")
_recording("charge_back_reversed", "reverse-charge-back", "The bank gave AMOUNT of ORDER back to us.")


@payment_group.command("refund")
@click.argument("order", metavar="ORDER")
@click.argument("amount", metavar="AMOUNT")
@click.option("--reason", metavar="TEXT", required=True)
@click.option("--to", type=click.Choice(["original", "store_credit"]), default="original", show_default=True)
@click.option("--tender", metavar="NAME", help="Only from this tender.")
@click.option("--ref", "reference", metavar="REF", help="The provider's reference, where it was paid back there.")
@click.option("--return", "return_request", metavar="RETURN", help="The return it answers.")
@click.option("--code", metavar="CODE", help="Of the gift card that gets it, with --to store_credit.")
@acting
def refund_command(
    *,
    order: str,
    amount: str,
    reason: str,
    to: str,
    tender: str | None,
    reference: str | None,
    return_request: str | None,
    code: str | None,
    give: Callable[..., Any],
) -> None:
    """Pay AMOUNT of ORDER back; goods are not touched. Above the limit it waits for a second person."""
    from oms_core.services.refund_order import RefundOrder, refund_order

    give(refund_order, RefundOrder(order, amount, reason, to, tender, reference, return_request, code))


@payment_group.command("decide")
@click.argument("approval", metavar="APPROVAL")
@click.option("--yes/--no", "approve", required=True, default=None, help="Carry it out, or turn it down.")
@click.option("--reason", metavar="TEXT", required=True)
@acting
def decide_command(
    *,
    approval: str,
    approve: bool,
    reason: str,
    give: Callable[..., Any],
) -> None:
    """Decide on a refund, or on value to be issued, that somebody else asked for."""
    from oms_core.services.approvals import DecideApproval
    from oms_core.services.refund_order import decide_refund

    give(decide_refund, DecideApproval(approval, approve, reason))


@payment_group.command("issue")
@click.argument("kind", type=click.Choice(["gift_card", "store_credit"]))
@click.argument("amount", metavar="AMOUNT")
@click.option("--reason", metavar="TEXT", required=True)
@click.option("--currency", metavar="CODE", help="Of a gift card.")
@click.option("--code", metavar="CODE", help="Of a gift card; only its digest is kept.")
@click.option("--customer-of", metavar="ORDER", help="Store credit goes to the customer of this order.")
@click.option("--expires-at", metavar="INSTANT")
@acting
def issue_command(
    *,
    kind: str,
    amount: str,
    reason: str,
    currency: str | None,
    code: str | None,
    customer_of: str | None,
    expires_at: str | None,
    give: Callable[..., Any],
) -> None:
    """Issue a gift card, or give a customer store credit."""
    from oms_core.services.stock_moments import read_instant
    from oms_core.services.stored_value import IssueStoredValue, issue_stored_value

    ends = read_instant(expires_at) if expires_at else None
    give(issue_stored_value, IssueStoredValue(kind, amount, reason, currency, code, customer_of, ends))


@payment_group.command("redeem")
@click.argument("order", metavar="ORDER")
@click.argument("amount", metavar="AMOUNT")
@click.option("--code", metavar="CODE", help="Of the gift card; without it the customer's store credit pays.")
@acting
def redeem_command(
    *,
    order: str,
    amount: str,
    code: str | None,
    give: Callable[..., Any],
) -> None:
    """Pay AMOUNT of ORDER from a gift card or store credit."""
    from oms_core.services.stored_value import RedeemStoredValue, redeem_stored_value

    give(redeem_stored_value, RedeemStoredValue(order, amount, code))


@payment_group.command("set-rate")
@click.argument("currency", metavar="CURRENCY")
@click.argument("rate", metavar="RATE")
@click.option("--from", "valid_from", metavar="INSTANT", required=True, help="With its zone.")
@acting
def set_rate_command(
    *,
    currency: str,
    rate: str,
    valid_from: str,
    give: Callable[..., Any],
) -> None:
    """One CURRENCY is worth RATE of the base currency from an instant on; what was paid before keeps its rate."""
    from oms_core.services.exchange_rates import SetRate, set_rate
    from oms_core.services.stock_moments import read_instant

    give(set_rate, SetRate(currency, rate, read_instant(valid_from)))


@payment_group.command("list")
@click.argument("order", metavar="ORDER")
@json_option
def list_command(*, order: str, as_json: bool) -> None:
    """What ORDER costs, how it is paid, and every payment event."""
    from oms_core.services.payments_read import payments_of

    with reading(open_engine(Settings.from_environment())) as connection:
        found = payments_of(connection, order)
    emit(found, as_json=as_json, text=_listed)


def _listed(it: dict[str, Any]) -> str:
    head = (
        f"{it['order']}  {it['payment_status']}  total {it['total']}  paid {it['paid']}  missing {it['missing']}"
        f"  {it['currency']}"
    )
    tenders = table(it["tenders"], ["tender", "method", "state", "authorized", "captured", "refunded", "paid"])
    columns = ["occurred_at", "event", "tender", "amount", "base_amount", "provider", "provider_ref", "actor"]
    return "\n\n".join([head, tenders, table(it["events"], columns)])


@payment_group.command("rates")
@json_option
def rates_command(*, as_json: bool) -> None:
    """Every exchange rate that was set."""
    from oms_core.services.exchange_rates import known_rates

    with reading(open_engine(Settings.from_environment())) as connection:
        rows = known_rates(connection)
    emit({"rows": rows}, as_json=as_json, text=lambda it: table(it["rows"], list(_RATE)))


_RATE = ("currency", "base_currency", "rate", "valid_from")


@payment_group.command("balance")
@click.argument("code", metavar="CODE")
@json_option
def balance_command(*, code: str, as_json: bool) -> None:
    """What a gift card holds, and what happened to it."""
    from oms_core.services.stored_value import stored_value_of

    with reading(open_engine(Settings.from_environment())) as connection:
        found = stored_value_of(connection, code)
    emit(found, as_json=as_json, text=as_text)
