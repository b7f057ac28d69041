"""The one door from a page to a command of the core: who acts, under which key, and what came of it.

A form has an idempotency key of its own, kept in the session until its command took effect: a double click, a rerun or
a retry after a fault repeats the command and never doubles it. The services decide what the actor may; a page that
leaves out a button protects nothing.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import streamlit as st

from dashboards.identity import current_user
from dashboards.queries.core import engine
from oms_core.domain.errors import OmsError, RuleViolationError
from oms_core.domain.permissions import Actor, Permission, Role
from oms_core.services.commands import Call, Result, UseCase
from oms_core.services.company import now_micros

_KEYS: Final = "oms_form_keys"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a command: its result, or the refusal (nothing was changed)."""

    result: Result | None = None
    refusal: OmsError | None = None

    @property
    def document(self) -> dict[str, Any]:
        """What the command answered; empty for a refusal."""
        return {} if self.result is None else self.result.document


def actor() -> Actor:
    """The person behind this session, as the core knows him.

    Raises:
        RuleViolationError: NOT_PERMITTED where nobody is signed in, or the role is none of the core's.
    """
    user = current_user()
    if user is None or user.role not in list(Role):
        raise RuleViolationError(
            "NOT_PERMITTED", "nobody who may act is signed in", remedy="Sign in with a role that may."
        )
    return Actor(user.uid, Role(user.role))


def may(permission: Permission) -> bool:
    """Whether to offer an action; the service asks again."""
    try:
        return actor().may(permission)
    except RuleViolationError:
        return False


def key_of(form: str) -> str:
    """The idempotency key of a form: the same until its command took effect."""
    keys: dict[str, str] = st.session_state.setdefault(_KEYS, {})
    return keys.setdefault(form, str(uuid4()))


def act(form: str, use_case: UseCase[Any], request: object) -> Answer:
    """Run a command under the form's key. After success the form gets a new key; after a refusal it keeps its own."""
    key = key_of(form)
    try:
        answer = Answer(result=use_case(engine(), request, Call(key, actor(), now_micros())))
    except OmsError as refusal:
        return Answer(refusal=refusal)
    st.session_state[_KEYS].pop(form, None)
    return answer
