"""How a command of the core is given at the keyboard: who acts, under which key, and what is printed.

Until people log in, the one at the keyboard says who he is; the services decide what he may.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import uuid4

import click

from oms_core.domain.permissions import Actor, Role
from oms_core.services.commands import Call, Result, UseCase
from oms_core.services.company import now_micros
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine
from pipelines.cli.output import emit, json_option, say

_Command = TypeVar("_Command", bound=Callable[..., Any])


def acting(command: _Command) -> _Command:
    """Options --key, --actor, --role, --at-site and --json; the command gets `give`.

    `give(use_case, request)` runs it and prints the changed object.
    """

    @json_option
    @click.option("--at-site", "sites", metavar="LOCATION", multiple=True, help="Confine the actor to this site.")
    @click.option("--role", type=click.Choice([role.value for role in Role]), default="ops_lead", show_default=True)
    @click.option("--actor", metavar="NAME", default="operator", show_default=True, help="Who acts.")
    @click.option("--key", metavar="KEY", help="Idempotency key: the same key answers the same again.")
    @wraps(command)
    def wrapped(
        *args: Any, key: str | None, actor: str, role: str, sites: tuple[str, ...], as_json: bool, **options: Any
    ) -> Any:
        used = key or str(uuid4())
        who = Actor(actor, Role(role), locations=frozenset(sites) or None)

        def give(wanted: UseCase[Any], request: object) -> Result:
            result = wanted(open_engine(Settings.from_environment()), request, Call(used, who, now_micros()))
            if result.repeated:
                say(f"The key {used} was used before: this is what it answered then.")
            elif key is None:
                say(f"key {used}")
            emit(result.document, as_json=as_json, text=as_text)
            return result

        return command(*args, give=give, **options)

    return wrapped  # type: ignore[return-value]


def as_text(document: dict[str, Any]) -> str:
    """The object as lines of `name: value`, lists one row a line."""
    lines: list[str] = []
    for name, value in document.items():
        if isinstance(value, list):
            lines.append(f"{name}:" if value else f"{name}: none")
            lines.extend(f"  {_flat(item)}" for item in value)
        elif isinstance(value, dict):
            lines.append(f"{name}: {_flat(value)}")
        elif value is not None:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name}={part}" for name, part in value.items() if part is not None)
    return str(value)
