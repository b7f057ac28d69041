"""`oms verify`: every invariant, with the rows that break it."""

from dataclasses import asdict
from typing import Any

import click

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.output import Exit, emit, json_option


@click.command("verify")
@click.option("--facts", is_flag=True, help="Add counts and digests of all facts, ids and recording times apart.")
@json_option
def verify_command(*, facts: bool, as_json: bool) -> int:
    """Recompute every invariant from the journals. Exit 1 if one is broken; nothing is repaired."""
    from oms_core.services import verify

    with reading(open_engine(Settings.from_environment())) as connection:
        checks = verify.run_checks(connection)
        document: dict[str, Any] = {
            "checks": [{**asdict(check), "ok": not check.rows} for check in checks],
            "reconciliation": verify.reconciliation(connection),
        }
        if facts:
            document["facts"] = verify.facts_digest(connection)
    emit(document, as_json=as_json, text=_text)
    return Exit.ATTENTION if any(check.rows for check in checks) else Exit.DONE


def _text(it: dict[str, Any]) -> str:
    lines = []
    for check in it["checks"]:
        lines.append(f"{'ok    ' if check['ok'] else 'BROKEN'} {check['name']}: {check['meaning']}")
        lines.extend(f"         {row}" for row in check["rows"][:10])
    found = it["reconciliation"]
    lines.append(f"{found['compared']:,} observed balances compared with the ledger, {found['different']:,} differ.")
    lines.extend(f"         {row}" for row in found["rows"][:10])
    lines.extend(f"{name}: {fact['rows']:,} {fact['sha256'][:16]}" for name, fact in it.get("facts", {}).items())
    return "\n".join(lines)
