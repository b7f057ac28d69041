"""What a clerk can do about an order: the next steps in the open, everything else folded. The services decide."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from dashboards.actions import may
from dashboards.components.action_form import ActionForm, action_form
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from dashboards.components.written_outcomes import allocated, held, nothing_more, state_of_order, wave_released
from dashboards.queries.order_steps import Step, name_of, open_lines, places_to_release
from oms_core.domain.orders import HOLD_KINDS
from oms_core.domain.permissions import Permission
from oms_core.services.allocate_order import AllocateOrder, allocate_order
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.close_order import PrioritiseOrder, prioritise_order
from oms_core.services.confirm_order import ConfirmOrder, confirm_order
from oms_core.services.order_holds import HoldOrder, ReleaseOrder, hold_order, release_order
from oms_core.services.order_units import LineUnits
from oms_core.services.reallocate_order import ReallocateOrder, reallocate_order
from oms_core.services.release_wave import ReleaseWave, release_wave

Order = Mapping[str, Any]
Drawing = Callable[[Order, str, Mapping[str, str]], None]


def release_form(order: Order, page: str, _sites: Mapping[str, str]) -> None:
    """End the open holds, saying how each was settled."""
    say = speaker()
    with action_form("release", page) as form:
        kinds = sorted({hold["kind"] for hold in order["holds"]})
        kind = None
        if len(kinds) > 1:
            every = ["", *kinds]
            kind = st.selectbox(
                say.text("act.release.which"),
                every,
                format_func=lambda code: say.word("hold_kinds", code) if code else say.text("act.release.all"),
                key=form.field("kind"),
            )
        resolution = st.text_input(
            say.text("act.release.resolution"),
            placeholder=say.text("act.release.hint"),
            key=form.field("text"),
            max_chars=300,
        )
        if form.submitted(say.text("act.release.do"), icon=":material/play_circle:"):
            form.run(release_order, ReleaseOrder(name_of(order), resolution, kind or None), held)


def confirm_form(order: Order, page: str, _sites: Mapping[str, str]) -> None:
    """Confirm it."""
    _button("confirm", page, lambda form: form.run(confirm_order, ConfirmOrder(name_of(order)), state_of_order))


def allocate_form(order: Order, page: str, _sites: Mapping[str, str]) -> None:
    """Promise stock to it."""
    _button("allocate", page, lambda form: form.run(allocate_order, AllocateOrder(name_of(order)), allocated))


def wave_forms(order: Order, page: str, sites: Mapping[str, str]) -> None:
    """One button a place that holds goods of it."""
    say = speaker()
    for place in places_to_release(order):
        with action_form(f"wave_{place}", page) as form:
            label = say.text("act.wave.do", location=literal(sites.get(place, place)))
            if form.submitted(label, icon=":material/waves:"):
                form.run(release_wave, ReleaseWave(place, orders=(name_of(order),)), wave_released)


def _button(verb: str, page: str, run: Callable[[ActionForm], None]) -> None:
    with action_form(verb, page) as form:
        if form.submitted(speaker().text(f"act.{verb}.do"), icon=_ICONS.get(verb)):
            run(form)


_ICONS: Final = {"confirm": ":material/check_circle:", "allocate": ":material/inventory_2:"}

# Steps with a form of their own here, and the right each asks for; the others are drawn with parcels and money.
NEXT: Final[dict[Step, tuple[Permission, Drawing]]] = {
    Step.RELEASE: (Permission.ORDER_HOLD, release_form),
    Step.CONFIRM: (Permission.ORDER_CONFIRM, confirm_form),
    Step.ALLOCATE: (Permission.ALLOCATE, allocate_form),
    Step.WAVE: (Permission.WAVE_RELEASE, wave_forms),
}


def next_steps(order: Order, steps: Sequence[Step], page: str, sites: Mapping[str, str]) -> None:
    """What comes next, each with the sentence that says why, and its form where the role may."""
    say = speaker()
    with st.container(border=True, key="next_steps"):
        st.markdown(f"**{say.text('act.next')}**")
        for step in steps:
            st.markdown(say.text(f"steps.{step}", missing=literal(_missing(order))))
            if step not in NEXT:
                continue
            permission, draw = NEXT[step]
            if may(permission):
                draw(order, page, sites)
            else:
                not_allowed(permission)


def not_allowed(permission: Permission) -> None:
    """Which right is missing for what could be done here."""
    say = speaker()
    st.caption(say.text("act.not_allowed", right=say.word("permissions", permission)))


def _missing(order: Order) -> str:
    return speaker().money(float(order["missing"]), order["currency"])


def more_actions(order: Order, page: str, sites: Mapping[str, str]) -> None:
    """Everything else that its state allows, folded."""
    say = speaker()
    offered: dict[str, tuple[Permission, Callable[[], None]]] = {
        "hold": (Permission.ORDER_HOLD, lambda: _hold(order, page)),
        "reallocate": (Permission.ALLOCATE, lambda: _reallocate(order, page, sites)),
        "priority": (Permission.ORDER_PRIORITISE, lambda: _priority(order, page)),
        "cancel_units": (Permission.ORDER_CANCEL, lambda: _cancel_units(order, page)),
        "cancel": (Permission.ORDER_CANCEL, lambda: _cancel(order, page)),
    }
    if not any(line["allocated_quantity"] for line in order["lines"]):
        del offered["reallocate"]
    allowed = {name: draw for name, (permission, draw) in offered.items() if may(permission)}
    if not allowed:
        return
    st.header(say.text("act.more"), anchor=False)
    for name, draw in allowed.items():
        with st.expander(say.text(f"act.{name}.title")):
            draw()


def _hold(order: Order, page: str) -> None:
    say = speaker()
    with action_form("hold", page) as form:
        kinds = ("manual", *(kind for kind in HOLD_KINDS if kind != "manual"))
        kind = st.selectbox(
            say.text("act.hold.kind"),
            kinds,
            format_func=lambda code: say.word("hold_kinds", code),
            key=form.field("kind"),
        )
        reason = _reason(form, "hold")
        if form.submitted(say.text("act.hold.do"), is_main=False, icon=":material/pause_circle:"):
            form.run(hold_order, HoldOrder(name_of(order), kind, reason), held)


def _reallocate(order: Order, page: str, sites: Mapping[str, str]) -> None:
    say = speaker()
    with action_form("reallocate", page) as form:
        avoid = st.multiselect(
            say.text("act.reallocate.avoid"),
            list(sites),
            format_func=lambda code: sites[code],
            placeholder=say.text("act.reallocate.none"),
            key=form.field("avoid"),
        )
        reason = _reason(form, "reallocate")
        if form.submitted(say.text("act.reallocate.do"), is_main=False, icon=":material/sync:"):
            form.run(reallocate_order, ReallocateOrder(name_of(order), reason, tuple(avoid)), allocated)


def _priority(order: Order, page: str) -> None:
    say = speaker()
    with action_form("priority", page) as form:
        priority = st.number_input(
            say.text("act.priority.value"), value=int(order["priority"]), step=1, key=form.field("value"), width=220
        )
        if form.submitted(say.text("act.priority.do"), is_main=False, icon=":material/flag:"):
            form.run(
                prioritise_order,
                PrioritiseOrder(name_of(order), int(priority)),
                lambda document: say.text("act.priority.done", priority=say.number(document["priority"])),
            )


def _cancel_units(order: Order, page: str) -> None:
    say = speaker()
    with action_form("cancel_units", page) as form:
        units = {
            line["line_key"]: int(
                st.number_input(
                    say.text(
                        "act.line_units",
                        article=literal(line["sku"] or line["title"] or line["line_key"]),
                        units=say.counted("count.units", line["open"]),
                    ),
                    min_value=0,
                    value=0,
                    step=1,
                    key=form.field(f"units_{line['line_key']}"),
                    width=320,
                )
            )
            for line in open_lines(order)
        }
        reason = _reason(form, "cancel_units")
        if form.submitted(say.text("act.cancel_units.do"), is_main=False, icon=":material/remove_circle:"):
            cuts = tuple(LineUnits(key, count) for key, count in units.items() if count)
            if not cuts:
                st.warning(say.text("act.cancel_units.none"), icon=":material/block:")
            else:
                form.run(cancel_order, CancelOrder(name_of(order), reason, cuts), state_of_order)


def _cancel(order: Order, page: str) -> None:
    say = speaker()
    with action_form("cancel", page) as form:
        units = say.counted("count.units", sum(line["open"] for line in open_lines(order)))
        st.caption(say.text("act.cancel.effect", units=units))
        reason = _reason(form, "cancel")
        if form.submitted(say.text("act.cancel.do"), is_main=False, icon=":material/cancel:"):
            form.run(cancel_order, CancelOrder(name_of(order), reason), nothing_more)


def _reason(form: ActionForm, verb: str) -> str:
    say = speaker()
    return st.text_input(
        say.text("act.reason"), key=form.field("reason"), placeholder=say.text(f"act.{verb}.hint"), max_chars=300
    )
