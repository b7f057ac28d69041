"""Policies: rules of the company that are data, in versions. Until one is set, the shipped one counts as version 0."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.storage.tables import policy

_SHIPPED = Path(__file__).parents[1] / "policies"
KINDS = ("auto_confirm", "holds", "allocation", "delivery_methods", "returns", "limits")
_READ_BY = ("allocation_planning", "delivery_options", "limits", "order_admission", "returns_read")
"""Modules that say what a policy of theirs must look like when they are imported."""
VALIDATORS: dict[str, Callable[[dict[str, Any]], object]] = {}
"""By kind: what reads a document and raises InvalidRequestError or ValueError where it is wrong."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it counts now. `name` is KIND@VERSION, as decisions keep it."""

    kind: str
    version: int
    document: dict[str, Any]

    @property
    def name(self) -> str:
        """How a decision names it."""
        return f"{self.kind}@{self.version}"


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """A new version of a policy: YAML text."""

    kind: str
    document: str
    reason: str


def policy_of(connection: sa.Connection, kind: str) -> Policy:
    """The newest version of a policy. Its document is shared: read it, do not change it.

    Raises:
        InvalidRequestError: POLICY_UNKNOWN.
    """
    _require_known(kind)
    statement = sa.select(policy.c.version, policy.c.document).where(policy.c.kind == kind)
    row = connection.execute(statement.order_by(policy.c.version.desc()).limit(1)).first()
    if row is None:
        return Policy(kind, 0, _shipped(kind))
    return Policy(kind, row.version, _parsed(row.document))


def policy_at(connection: sa.Connection, name: str) -> Policy:
    """The version that a decision names, KIND@VERSION."""
    kind, _, version = name.partition("@")
    if version == "0":
        return Policy(kind, 0, _shipped(kind))
    statement = sa.select(policy.c.document).where(policy.c.kind == kind, policy.c.version == int(version))
    return Policy(kind, int(version), _parsed(connection.execute(statement).scalar_one()))


@use_case("policy.set", Permission.POLICY_SET)
def set_policy(unit: Unit, request: SetPolicy) -> Outcome:
    """The next version of a policy, checked before it counts.

    Raises:
        InvalidRequestError: POLICY_UNKNOWN, POLICY_INVALID with the place of the fault.
    """
    _require_known(request.kind)
    _check(request.kind, request.document)
    version = policy_of(unit.connection, request.kind).version + 1
    unit.connection.execute(
        policy.insert().values(
            kind=request.kind,
            version=version,
            document=request.document,
            actor=unit.stamp.actor,
            recorded_at=unit.stamp.recorded_at,
            change_id=unit.stamp.change_id,
        )
    )
    name = f"{request.kind}@{version}"
    return Outcome(
        "policy", name, {"kind": request.kind, "version": version}, topic="policy.set", reason=request.reason
    )


def _require_known(kind: str) -> None:
    if kind not in KINDS:
        raise InvalidRequestError(
            "POLICY_UNKNOWN", f"there is no policy {kind!r}", remedy=f"Use one of {', '.join(KINDS)}."
        )


def _check(kind: str, text: str) -> None:
    for name in _READ_BY:
        import_module(f"oms_core.services.{name}")
    try:
        document = _parsed(text)
        if kind in VALIDATORS:
            VALIDATORS[kind](document)
    except (yaml.YAMLError, ValueError, KeyError, TypeError) as error:
        cause = str(error).replace("\n", " ")
        raise InvalidRequestError(
            "POLICY_INVALID", f"{kind}: {cause}", remedy="docs/guide/operator.md describes every policy."
        ) from None


@cache
def _shipped(kind: str) -> dict[str, Any]:
    return _parsed((_SHIPPED / f"{kind}.yml").read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    document = yaml.safe_load(text)
    if not isinstance(document, dict):
        raise ValueError("a policy is a mapping")  # noqa: TRY004 - the text is wrong, not a type of ours
    return document
