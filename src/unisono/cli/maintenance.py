"""``unisono migrate``, ``audit``, ``backup`` and ``restore``: the care of the database."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from unisono.cli import installation
from unisono.cli.installation import Refused
from unisono.core import backup as backups
from unisono.core import migrate as migrations
from unisono.core import settings
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.inventory import audit as stock
from unisono.orders import audit as orders

FAULTS_SHOWN_MAX = 20
FAULTS_FOUND = 1
STATEMENT_SECONDS = 3600
"""An audit reads everything once: that takes longer than any request may."""


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema; nothing happens when it is there already."""
    with installation.used_by("migrate") as installed:
        for step in installed.migrated:
            click.echo(step)
        last = max(step.name for step in migrations.migrations())
        click.echo(f"The database has the schema {last}.", err=True)


@click.command()
def audit() -> int:
    """Recompute every figure from its rows; exit code 1 when one differs."""
    with installation.used_by("audit") as installed, _progress() as progress:
        progress.add_task("Recomputing every figure", file=None)
        faults = asyncio.run(_faults(installed.settings, installed.url))
    for fault in faults[:FAULTS_SHOWN_MAX]:
        click.echo(fault)
    if not faults:
        click.echo("Every figure is the sum of its rows.")
        return 0
    if len(faults) > FAULTS_SHOWN_MAX:
        click.echo(f"and {len(faults) - FAULTS_SHOWN_MAX} more", err=True)
    return FAULTS_FOUND


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write everything in the database to FILE, while others go on working."""
    with installation.used_by("backup") as installed, _progress() as progress:
        progress.add_task("Writing", file=backups.unfinished(file))
        written = backups.write(installed.url, file)
    click.echo(
        f"{file}: {decimal(written.size_bytes)}, schema {written.schema}. "
        f"It holds customers' data and is readable by you alone.",
        err=True,
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", "replacing", is_flag=True, help="Keep what is there under another name.")
def restore(file: Path, *, replacing: bool) -> None:
    """Put the backup FILE into the place of the embedded database.

    It is refused while `serve` runs, and while the database holds anything, unless --replace is
    given. The backup is restored beside, migrated and audited before it takes the place.
    """
    known = settings.load()
    if known.database_url is not None:
        message = "only the embedded database is restored: use pg_restore for that of database_url"
        raise Refused(message)
    # A file that is of no use is refused before a server is started.
    backups.require_known_schema(file)
    with (
        installation.owned_by(known, note="restore", processes=1) as installed,
        _progress() as progress,
    ):
        task = progress.add_task("Beginning", file=None)
        former = backups.restore(
            installed.url,
            file,
            replace=replacing,
            verify=lambda url: _require_clean(known, url),
            tell=lambda doing: progress.update(task, description=doing),
        )
    click.echo(f"{file} was restored.", err=True)
    if former is not None:
        click.echo(f"What was there before is kept as the database {former}.", err=True)


def _require_clean(known: Settings, url: str) -> None:
    faults = asyncio.run(_faults(known, url))
    if faults:
        message = f"the backup is not restored, because its figures do not add up: {faults[0]}"
        raise Refused(message)


async def _faults(known: Settings, url: str) -> list[str]:
    database = Database(replace(known, statement_timeout_seconds=STATEMENT_SECONDS), url=url)
    await database.open()
    try:
        async with database.read() as db:
            found = [str(fault) for fault in await stock.audit(db)]
        return found + [str(fault) for fault in await orders.audit(database)]
    finally:
        await database.close()


class _Size(ProgressColumn):
    """How much of the file that a task writes is there."""

    def render(self, task: Task) -> Text:
        """Return the size, or nothing when there is no file."""
        file: Path | None = task.fields["file"]
        if file is None or not file.exists():
            return Text("")
        return Text(decimal(file.stat().st_size))


@contextmanager
def _progress() -> Iterator[Progress]:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), _Size(), TimeElapsedColumn())
    # On a terminal only: in a log file it would be noise.
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as it:
        yield it
