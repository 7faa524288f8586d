"""The command as a whole: which commands there are, and how each may end.

0: done. 1: an audit found faults. 2: wrong use, or something else that the user can put right, told
in one line. 130: ended by Ctrl-C. A trace is a fault of unisono.
"""

from importlib import import_module

import click
import psycopg

from unisono.cli.ending import INTERRUPTED, Ending
from unisono.cli.installation import PROGRAM, Refused
from unisono.core.errors import UnisonoError

# A command's file is imported when the command is asked for: importing the whole application takes
# two seconds, and most commands need none of it. In the order of ``unisono --help``.
COMMANDS = {
    "serve": ("serving", "Serve the API and run the workers, until Ctrl-C."),
    "work": ("serving", "Run the workers alone, until Ctrl-C."),
    "demo": ("demo", "Let a retailer sell, fulfill and deliver real orders, to look at."),
    "migrate": ("maintenance", "Bring the database to this version's schema."),
    "audit": ("maintenance", "Recompute every figure from its rows."),
    "backup": ("maintenance", "Write everything in the database to a file."),
    "restore": ("maintenance", "Put a backup into the place of the embedded database."),
    "user": ("identities", "People."),
    "key": ("identities", "API keys."),
    "config": ("configuration", "Show every setting: value, source and meaning."),
    "version": ("configuration", "Show the version."),
}
# Started by `serve` itself.
HIDDEN = {"serve-beside": "serving"}

WRONG_USE = 2


class Commands(click.Group):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by its name."""
        file = HIDDEN.get(cmd_name) or COMMANDS.get(cmd_name, ("",))[0]
        if not file:
            return None
        command = getattr(import_module(f"unisono.cli.{file}"), cmd_name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, meaning) for name, (_, meaning) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def unisono() -> None:
    """Conduct the orders of a retailer whose channels all sell from one stock."""


def run(arguments: list[str], ending: Ending) -> int:
    """Run one command and return its exit code; what the user did wrong becomes one line."""
    try:
        code = unisono.main(args=arguments, prog_name=PROGRAM, standalone_mode=False, obj=ending)
    except click.exceptions.NoArgsIsHelpError as problem:
        click.echo(problem.format_message(), err=True)
    except click.UsageError as problem:
        where = problem.ctx.command_path if problem.ctx else PROGRAM
        _say(f"{problem.format_message().rstrip('.')}; see `{where} --help`")
    except (Refused, click.ClickException) as problem:
        _say(problem.format_message())
    except UnisonoError as problem:
        _say("; ".join(fault.detail for fault in problem.faults) or problem.detail)
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as problem:
        _say(f"the database does not do this: {problem}")
    except BrokenPipeError:
        # Whoever read the output has ended, as in `unisono config | head -1`.
        return 0
    except OSError as problem:
        where = f": {problem.filename}" if problem.filename else ""
        _say(f"{problem.strerror or problem}{where}")
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    else:
        return code if isinstance(code, int) else 0
    return WRONG_USE


def _say(sentence: str) -> None:
    click.echo(f"{PROGRAM}: {' '.join(sentence.split())}", err=True)
