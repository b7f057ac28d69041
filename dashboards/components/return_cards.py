"""Returns: one card a request with its goods and the step that comes next, and the form that asks for one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from dashboards.actions import may
from dashboards.components.action_form import ActionForm, action_form
from dashboards.components.badges import badge
from dashboards.components.foreign import literal
from dashboards.components.order_actions import not_allowed
from dashboards.components.speech import speaker
from dashboards.components.written_outcomes import returned
from oms_core.domain.permissions import Permission
from oms_core.domain.returns import Grade
from oms_core.services.grade_return import GradedLine, GradeReturn, grade_return
from oms_core.services.receive_return import ReceivedLine, ReceiveReturn, receive_return
from oms_core.services.request_return import RequestReturn, ReturnLine, request_return
from oms_core.services.review_return import ApproveReturn, DeclineReturn, approve_return, decline_return

Return = Mapping[str, Any]
GRADES: Final = (Grade.RESTOCK.value, Grade.DAMAGED.value, Grade.SCRAP.value, Grade.SEND_BACK.value)
_COUNTED: Final = ("received", "restocked", "damaged", "scrapped", "sent_back", "given_up")


def return_card(
    found: Return, page: str, *, sites: Mapping[str, str], reasons: Mapping[str, str], order: str | None = None
) -> None:
    """One request. `order`: named with a link, where the card stands on another page than the order's."""
    say = speaker()
    with st.container(border=True, gap="small", key=f"return_{found['return']}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{literal(found['return'])}**", width="content")
            badge("return_states", found["state"])
        if order is not None:
            label = say.text("order.title", number=literal(order.partition("/")[2]))
            st.page_link("screens/order.py", label=label, query_params={"id": order}, icon=":material/receipt:")
        for line in found["lines"]:
            st.markdown(_line(line, reasons))
        if float(found["proposed_refund"]):
            st.caption(
                say.text(
                    "returns_desk.money",
                    proposed=literal(say.money(float(found["proposed_refund"]), found["currency"])),
                    refunded=literal(say.money(float(found["refunded"]), found["currency"])),
                )
            )
        _next(found, page, sites)


def _line(line: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    say = speaker()
    parts = [
        f"{say.number(line['quantity'])} × {literal(line['sku'] or line['line'])}",
        literal(reasons.get(line["reason"], line["reason"])),
    ]
    parts += [say.text(f"returns_desk.{name}", units=say.number(line[name])) for name in _COUNTED if line[name]]
    return " · ".join(parts)


def _next(found: Return, page: str, sites: Mapping[str, str]) -> None:
    state = found["state"]
    steps: dict[str, Sequence[tuple[Permission, Callable[[Return, str, Mapping[str, str]], None]]]] = {
        "requested": ((Permission.RETURN_REVIEW, _review),),
        "approved": ((Permission.RETURN_RECEIVE, _receive),),
        "in_transit": ((Permission.RETURN_RECEIVE, _receive),),
        "partially_received": ((Permission.RETURN_RECEIVE, _receive), (Permission.RETURN_GRADE, _grade)),
        "received": ((Permission.RETURN_GRADE, _grade),),
    }
    for permission, draw in steps.get(state, ()):
        if may(permission):
            draw(found, page, sites)
        else:
            not_allowed(permission)


def _review(found: Return, page: str, sites: Mapping[str, str]) -> None:
    say, number = speaker(), found["return"]
    with action_form(f"approve_{number}", page) as form:
        place = _place(form, found, sites)
        if form.submitted(say.text("act.approve.do"), icon=":material/thumb_up:"):
            form.run(approve_return, ApproveReturn(number, place), returned)
    with st.expander(say.text("act.decline.title")), action_form(f"decline_{number}", page) as form:
        reason = st.text_input(
            say.text("act.reason"), key=form.field("reason"), placeholder=say.text("act.decline.hint"), max_chars=300
        )
        if form.submitted(say.text("act.decline.do"), is_main=False, icon=":material/block:"):
            form.run(decline_return, DeclineReturn(number, reason), returned)


def _receive(found: Return, page: str, sites: Mapping[str, str]) -> None:
    say, number = speaker(), found["return"]
    with action_form(f"receive_{number}", page) as form:
        place = _place(form, found, sites)
        units = {}
        for line in found["lines"]:
            expected = line["quantity"] - line["received"] - line["given_up"]
            if expected > 0:
                units[line["line"]] = _units(form, "act.receive.units", line, expected)
        if form.submitted(say.text("act.receive.do"), icon=":material/move_to_inbox:"):
            lines = tuple(ReceivedLine(key, count) for key, count in units.items() if count)
            form.run(receive_return, ReceiveReturn(number, place, lines), returned)


def _grade(found: Return, page: str, sites: Mapping[str, str]) -> None:
    say, number = speaker(), found["return"]
    with action_form(f"grade_{number}", page) as form:
        place = _place(form, found, sites)
        graded = []
        for line in found["lines"]:
            left = line["received"] - sum(line[name] for name in ("restocked", "damaged", "scrapped", "sent_back"))
            if left <= 0:
                continue
            with st.container(horizontal=True, vertical_alignment="bottom"):
                count = _units(form, "act.grade.units", line, left)
                grade = st.selectbox(
                    say.text("act.grade.as"),
                    GRADES,
                    format_func=lambda code: say.word("grades", code),
                    key=form.field(f"grade_{line['line']}"),
                    width=260,
                )
            if count:
                graded.append(GradedLine(line["line"], grade, count))
        if form.submitted(say.text("act.grade.do"), icon=":material/fact_check:"):
            form.run(grade_return, GradeReturn(number, place, tuple(graded)), returned)


def _units(form: ActionForm, key: str, line: Mapping[str, Any], units: int) -> int:
    say = speaker()
    label = say.text(key, article=literal(line["sku"] or line["line"]), units=say.counted("count.units", units))
    return int(
        st.number_input(label, min_value=0, value=units, step=1, key=form.field(f"units_{line['line']}"), width=320)
    )


def _place(form: ActionForm, found: Return, sites: Mapping[str, str]) -> str:
    """Where the goods come or lie; the place that was agreed on first."""
    offered = list(sites)
    first = offered.index(found["location"]) if found["location"] in offered else 0
    chosen = st.selectbox(
        speaker().text("act.place"),
        offered,
        index=first if offered else None,
        format_func=lambda code: sites[code],
        key=form.field("place"),
        width=320,
    )
    return chosen or ""


def request_form(
    order: str,
    lines: Sequence[Mapping[str, Any]],
    page: str,
    *,
    reasons: Mapping[str, str],
    until: Callable[[str], str],
) -> None:
    """Ask for goods back: units and reason by line; what may not come back says why."""
    say = speaker()
    with action_form("request_return", page) as form:
        asked = []
        for line in lines:
            article = literal(line["sku"] or line["line_key"])
            if line["refusal"] is not None:
                st.caption(
                    say.text("act.request.refused", article=article, reason=say.word("not_returnable", line["refusal"]))
                )
                continue
            with st.container(horizontal=True, vertical_alignment="bottom"):
                count = st.number_input(
                    say.text(
                        "act.request.units",
                        article=article,
                        units=say.counted("count.units", line["remaining"]),
                        until=until(line["until"]),
                    ),
                    min_value=0,
                    value=0,
                    step=1,
                    key=form.field(f"units_{line['line_key']}"),
                    width=420,
                )
                reason = st.selectbox(
                    say.text("act.reason"),
                    list(reasons),
                    format_func=reasons.__getitem__,
                    key=form.field(f"reason_{line['line_key']}"),
                    width=260,
                )
            if count:
                asked.append(ReturnLine(line["line_key"], int(count), reason))
        if form.submitted(say.text("act.request.do"), is_main=False, icon=":material/undo:"):
            form.run(request_return, RequestReturn(order, tuple(asked)), returned)
