"""A form that gives one command, and what came of the last one, said on the page as read anew."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import actions
from dashboards.components.foreign import literal
from dashboards.components.notice import refused
from dashboards.components.speech import speaker
from oms_core.domain.errors import OmsError
from oms_core.services.commands import UseCase

_OUTCOME: Final = "oms_last_outcome"
_OFFERED: Final = "oms_offered_buttons"
Said = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The last command of this session, as long as its page is shown."""

    page: str
    form: str
    done: str | None = None
    refusal: OmsError | None = None


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One form; the names of its inputs change with its key, so that they are empty again after success."""

    name: str
    page: str
    key: str

    def field(self, part: str) -> str:
        """The widget key of an input."""
        return f"{self.name}.{part}.{self.key}"

    def submitted(self, label: str, *, is_main: bool = True, icon: str | None = None) -> bool:
        """The form's button."""
        key = self.field("submit")
        st.session_state.setdefault(_OFFERED, []).append(key)
        return st.form_submit_button(
            label, type="primary" if is_main else "secondary", icon=icon, key=key, width="content"
        )

    def run(self, use_case: UseCase[Any], request: object, said: Said) -> None:
        """Give the command, keep what came of it, and read the page anew."""
        answer = actions.act(self.name, use_case, request)
        done = None if answer.refusal else said(answer.document)
        st.session_state[_OUTCOME] = _Outcome(self.page, self.name, done, answer.refusal)
        if done:
            st.toast(done, icon=":material/check:")
        st.rerun()


@contextmanager
def action_form(name: str, page: str) -> Iterator[ActionForm]:
    """A form named after its verb and object (`pack_SH-1`), on a page named after its own; its refusal stands in it."""
    form = ActionForm(name, page, actions.key_of(name))
    with st.form(f"form.{name}.{form.key}", border=False):
        outcome = _outcome(page)
        if outcome is not None and outcome.form == name and outcome.refusal is not None:
            refused(outcome.refusal)
            st.session_state[f"{_OUTCOME}_shown"] = True
        yield form


def _outcome(page: str) -> _Outcome | None:
    found: _Outcome | None = st.session_state.get(_OUTCOME)
    return found if found is not None and found.page == page else None


@contextmanager
def outcome_above(page: str) -> Iterator[None]:
    """Where a page says what came of the last command: done above everything, a refusal here if its form is gone.

    A button that was pressed and is not offered any more did nothing, and the page says that too.
    """
    pressed = [key for key in st.session_state.get(_OFFERED, ()) if st.session_state.get(key)]
    st.session_state[_OFFERED] = []
    place: DeltaGenerator = st.container(key="outcome")
    if _outcome(page) is None:  # left behind by another page
        st.session_state.pop(_OUTCOME, None)
    st.session_state[f"{_OUTCOME}_shown"] = False
    outcome = _outcome(page)
    if outcome is not None and outcome.done:
        place.success(literal(outcome.done), icon=":material/check_circle:")
    yield
    if pressed and not set(pressed) & set(st.session_state[_OFFERED]):
        place.warning(speaker().text("act.gone"), icon=":material/history:")
    if outcome is not None and outcome.refusal is not None and not st.session_state[f"{_OUTCOME}_shown"]:
        with place:
            refused(outcome.refusal)
            st.caption(speaker().text("act.moved_on"))
