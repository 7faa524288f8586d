"""``unisono config`` and ``unisono version``: what this installation is."""

import dataclasses
import json

import click
from rich.console import Console
from rich.table import Table

from unisono import __version__
from unisono.cli.installation import PROGRAM
from unisono.core import settings

FILE_WIDTH = 240


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def config(*, as_json: bool) -> None:
    """Show every setting: its value, where that comes from, and what it means."""
    described = settings.described()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in described], indent=2))
        return
    console = Console()
    if not console.is_terminal:
        # In a file or a pipe nothing is gained by breaking lines.
        console.width = FILE_WIDTH
    table = Table("Setting", "Variable", "Value", "Source", "Meaning")
    for each in described:
        table.add_row(each.name, each.variable, each.value, each.source, each.meaning)
    console.print(table)
    console.print(
        "Set one by its variable, such as UNISONO_PORT=8500, or in a TOML file that UNISONO_CONFIG "
        "names."
    )


@click.command()
def version() -> None:
    """Show the version."""
    click.echo(f"{PROGRAM} {__version__}")
