"""`oms init`: create or upgrade a home."""

from dataclasses import asdict

import click

from oms_core.services.company import now_micros, prepare
from oms_core.settings import Settings
from pipelines.cli.output import emit, json_option


@click.command("init")
@click.option(
    "--time-zone", metavar="Z", help="Zone whose days are business days, e.g. Europe/Berlin (first time: UTC)."
)
@click.option("--currency", metavar="C", help="ISO 4217 code that amounts are converted to (default: none).")
@json_option
def init_command(*, time_zone: str | None, currency: str | None, as_json: bool) -> None:
    """Create or upgrade the database of this home. Running it again changes nothing."""
    settings = Settings.from_environment()
    company = prepare(settings, time_zone=time_zone, base_currency=currency, actor="local", now=now_micros())
    document = {"home": str(settings.home), **asdict(company)}
    emit(
        document,
        as_json=as_json,
        text=lambda it: (
            f"Ready: {it['home']}, business days in {it['time_zone']}, base currency {it['base_currency'] or 'none'}."
        ),
    )
