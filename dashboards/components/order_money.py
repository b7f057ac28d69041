"""The money of an order: how it is covered, its payments, and the forms that record one or give some back."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboards.actions import may
from dashboards.components.action_form import action_form
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from dashboards.components.written_outcomes import money
from dashboards.queries.order_steps import name_of, owes
from oms_core.domain.payments import STORED_VALUE_METHODS, PaymentEvent, PaymentMethod
from oms_core.domain.permissions import Permission
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.services.refund_order import TARGETS, RefundOrder, refund_order

Order = Mapping[str, Any]
EVENTS: Final = (
    PaymentEvent.CAPTURE.value,
    *(it.value for it in PaymentEvent if it not in {PaymentEvent.CAPTURE, PaymentEvent.REFUND}),
)
_AT_ONCE: Final = PaymentMethod.BANK_TRANSFER  # first: what a clerk records by hand is mostly money that came
METHODS: Final = (
    _AT_ONCE.value,
    *(it.value for it in PaymentMethod if it.value not in {*STORED_VALUE_METHODS, _AT_ONCE, PaymentMethod.UNKNOWN}),
)


def order_money(order: Order, page: str) -> None:
    """What is paid and missing, tender by tender, with the forms the role may use."""
    say = speaker()

    def written(amount: str) -> str:
        return literal(say.money(float(amount), order["currency"]))

    st.header(say.text("money.title"), anchor=False)
    if order["payment_status"] == "unknown":  # its channel took the money and tells nothing of it
        st.markdown(say.text("money.elsewhere"))
        return
    st.markdown(
        say.text(
            "money.sums",
            state=say.word("payment_states", order["payment_status"]),
            total=written(order["total"]),
            paid=written(order["paid"]),
            missing=written(order["missing"]),
        )
    )
    for event in order["payment_events"]:
        st.caption(
            say.text(
                "money.event",
                event=say.word("payment_events", event["event"]),
                amount=written(event["amount"]),
                method=say.word("payment_methods", event["method"]),
                reference=literal(event["provider_ref"]),
            )
        )
    if not order["fulfilled_here"]:
        return
    if may(Permission.PAYMENT_RECORD):
        with st.expander(say.text("act.pay.title"), expanded=owes(order) and order["lifecycle"] == "pending"):
            _pay(order, page)
    if may(Permission.REFUND) and float(order["paid"]):
        with st.expander(say.text("act.refund.title"), expanded=bool(order["to_refund"])):
            _refund(order, page)


def _pay(order: Order, page: str) -> None:
    say = speaker()
    with action_form("pay", page) as form:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            event = st.selectbox(
                say.text("act.pay.event"),
                EVENTS,
                format_func=lambda code: say.word("payment_events", code),
                key=form.field("event"),
                width=240,
            )
            method = st.selectbox(
                say.text("act.pay.method"),
                METHODS,
                format_func=lambda code: say.word("payment_methods", code),
                key=form.field("method"),
                width=240,
            )
            amount = st.text_input(
                say.text("act.amount", currency=order["currency"]),
                value=order["missing"] if owes(order) else "",
                key=form.field("amount"),
                width=240,
            )
            provider = st.text_input(say.text("act.pay.provider"), key=form.field("provider"), max_chars=60, width=240)
            reference = st.text_input(
                say.text("act.pay.reference"), key=form.field("reference"), max_chars=100, width=240
            )
        if form.submitted(say.text("act.pay.do"), is_main=False, icon=":material/payments:"):
            request = RecordPayment(name_of(order), event, method, amount, provider.strip(), reference.strip())
            form.run(record_payment, request, money)


def _refund(order: Order, page: str) -> None:
    say = speaker()
    with action_form("refund", page) as form:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            amount = st.text_input(
                say.text("act.amount", currency=order["currency"]),
                value=order["to_refund"] or "",
                key=form.field("amount"),
                width=240,
            )
            to = st.selectbox(
                say.text("act.refund.to"),
                TARGETS,
                format_func=lambda code: say.word("refund_targets", code),
                key=form.field("to"),
                width=240,
            )
        reason = st.text_input(
            say.text("act.reason"), key=form.field("reason"), placeholder=say.text("act.refund.hint"), max_chars=300
        )
        if form.submitted(say.text("act.refund.do"), is_main=False, icon=":material/currency_exchange:"):
            form.run(refund_order, RefundOrder(name_of(order), amount, reason, to), money)
