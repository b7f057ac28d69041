"""The command `oms`: finds the group, translates errors into messages and exit codes."""

import importlib
import sys
import traceback

import click
import sqlalchemy.exc

from oms_core.domain.errors import InvalidRequestError, OmsError, RuleViolationError
from pipelines.cli.output import Exit, say

_COMMANDS = {
    "init": "pipelines.cli.init:init_command",
    "demo": "pipelines.cli.demo:demo_command",
    "feed": "pipelines.cli.feed:feed_group",
    "build": "pipelines.cli.build:build_command",
    "kpi": "pipelines.cli.kpi:kpi_command",
    "stock": "pipelines.cli.stock:stock_command",
    "order": "pipelines.cli.order:order_group",
    "policy": "pipelines.cli.policy:policy_group",
    "define": "pipelines.cli.define:define_group",
    "allocation": "pipelines.cli.allocation:allocation_group",
    "wave": "pipelines.cli.wave:wave_group",
    "ship": "pipelines.cli.ship:ship_group",
    "delivery": "pipelines.cli.delivery:delivery_group",
    "purchase": "pipelines.cli.purchase:purchase_group",
    "receive": "pipelines.cli.receive:receive_command",
    "transfer": "pipelines.cli.transfer:transfer_group",
    "count": "pipelines.cli.count:count_group",
    "adjust": "pipelines.cli.adjust:adjust_group",
    "payment": "pipelines.cli.payment:payment_group",
    "return": "pipelines.cli.returns:return_group",
    "verify": "pipelines.cli.verify:verify_command",
    "serve": "pipelines.cli.serve:serve_command",
}


class _LazyGroup(click.Group):
    """Imports a command's module only when it is asked for: `oms stock` need not wait for dbt."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=_LazyGroup)
def oms() -> None:
    """OrderSight: orders and stock recorded exactly, every number explained.

    Everything lives under OMS_HOME (default ./var). Exit codes: 0 done, 1 needs attention, 2 refused, 3 failed.
    """


def main() -> None:
    """Entry point of the console script."""
    try:
        code = oms(standalone_mode=False)
    except (InvalidRequestError, RuleViolationError) as error:
        say(str(error))
        code = Exit.REFUSED
    except OmsError as error:
        say(str(error))
        code = Exit.FAILED
    except click.ClickException as error:
        error.show()
        code = Exit.REFUSED
    except click.Abort:
        say("Stopped.")
        code = Exit.FAILED
    except BrokenPipeError:
        code = Exit.FAILED
    except sqlalchemy.exc.DBAPIError as error:
        say(f"DATABASE_FAILED: {error.orig}. Nothing of the last step was kept; look at the database and try again.")
        code = Exit.FAILED
    except OSError as error:
        say(f"INPUT_OUTPUT: {error}. Check the path, the rights and the space left.")
        code = Exit.FAILED
    except Exception:  # noqa: BLE001 - a fault of ours must not end like a command that only needs attention
        traceback.print_exc()
        say("FAULT: this is an error in the program. Please report it with the lines above.")
        code = Exit.FAILED
    sys.exit(code if isinstance(code, int) else Exit.DONE)


if __name__ == "__main__":
    main()
