"""Who is looking, and what they may see. The one reader of identity: nothing else touches `st.user`.

The gate (`dashboards.server.gate`) injects the identity; until log-in exists that is one local operator.
Services check rights again: a page that hides a button protects nothing.
"""

import os
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboards.components.notice import refuse_access

_READ: Final = frozenset({"analytics.read", "orders.read"})

# Rights by role. A role that is not listed has none.
RIGHTS: Final[dict[str, frozenset[str]]] = {
    "viewer": _READ,
    "analyst": _READ,
    "support": _READ,
    "warehouse": frozenset({"orders.read"}),
    "planner": _READ,
    "finance": _READ,
    "ops_lead": _READ,
    "admin": _READ,
    "auditor": _READ,
}


@dataclass(frozen=True, slots=True)
class User:
    """The person behind this session, as the gate vouches for them."""

    uid: str
    role: str

    def may(self, permission: str) -> bool:
        """Whether the role carries the right."""
        return permission in RIGHTS.get(self.role, frozenset())


ROLE_VARIABLE: Final = "OMS_SCREENS_ROLE"


def local_operator() -> User:
    """The one person at this machine: operations lead, or the role that OMS_SCREENS_ROLE names."""
    return User(uid="local", role=os.environ.get(ROLE_VARIABLE) or "ops_lead")


LOCAL_OPERATOR: Final = local_operator()


def current_user() -> User | None:
    """The signed-in user, or None when the gate vouched for nobody."""
    claims = st.user.to_dict()
    uid, role = claims.get("uid"), claims.get("role")
    if not isinstance(uid, str) or not isinstance(role, str) or not uid:
        return None
    return User(uid=uid, role=role)


def guard(permission: str) -> User:
    """The user, if they hold the right; else says which right is missing and stops the page."""
    user = current_user()
    if user is None or not user.may(permission):
        refuse_access(permission, signed_in=user is not None)
        st.stop()
    return user
