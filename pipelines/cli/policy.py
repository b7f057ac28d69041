"""`oms policy`: the rules of the company that are data, as they count now, and new versions of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pipelines.cli.commanding import acting
from pipelines.cli.output import emit, json_option


@click.group("policy")
def policy_group() -> None:
    """Rules that are data: auto_confirm, holds, allocation, delivery_methods, returns, limits."""


@policy_group.command("show")
@click.argument("kind")
@json_option
def show_command(*, kind: str, as_json: bool) -> None:
    """The version that counts now. KIND: which policy."""
    import yaml

    from oms_core.services.policies import policy_of
    from oms_core.settings import Settings
    from oms_core.storage.engine import open_engine, reading

    with reading(open_engine(Settings.from_environment())) as connection:
        found = policy_of(connection, kind)
    document = {"kind": found.kind, "version": found.version, "document": found.document}
    emit(
        document,
        as_json=as_json,
        text=lambda it: f"# {found.name}\n{yaml.safe_dump(it['document'], allow_unicode=True, sort_keys=False)}",
    )


@policy_group.command("set")
@click.argument("kind")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help="Why it changes.")
@acting
def set_command(*, kind: str, file: Path, reason: str, give: Callable[..., Any]) -> None:
    """A new version, checked before it counts (role admin). KIND: which policy; FILE: YAML."""
    from oms_core.services.policies import SetPolicy, set_policy

    give(set_policy, SetPolicy(kind, file.read_text(encoding="utf-8"), reason))
