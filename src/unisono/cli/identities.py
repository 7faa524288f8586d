"""``unisono user`` and ``unisono key``: who may do what."""

import asyncio
import sys

import click
from rich.console import Console
from rich.table import Table

from unisono.cli import installation
from unisono.cli.installation import PROGRAM, Installation, Refused
from unisono.core.database import Db
from unisono.identity import keys, people
from unisono.identity.keys import KeyFacts, NewKey
from unisono.identity.scopes import SCOPES
from unisono.network import locations

EVERY_SCOPE = "all"


@click.group()
def user() -> None:
    """People: who they are, and their role."""


@user.command("add")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice(people.ROLES))
@click.option("--location", "codes", multiple=True, help="Code of a location; may be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def user_add(
    *, email: str, name: str, role: str, codes: tuple[str, ...], password_stdin: bool
) -> None:
    """Make a person; the password is asked for twice."""
    password = _password(from_input=password_stdin)

    async def add(installed: Installation) -> people.Person:
        async with installed.transaction() as db:
            await _require_locations(db, codes)
            return await people.add(
                db, email=email, name=name, password=password, role=role, locations=codes
            )

    with installation.used_by("user add") as installed:
        person = asyncio.run(add(installed))
    click.echo(f"{person.email} was added ({person.role}).", err=True)


@click.group()
def key() -> None:
    """API keys: what programs may do."""


@key.command("add")
@click.option("--name", required=True, help="Who uses the key, for example `web shop`.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    type=click.Choice([EVERY_SCOPE, *SCOPES]),
    metavar="SCOPE",
    help=f"What it may do; may be repeated: {', '.join([EVERY_SCOPE, *SCOPES])}.",
)
@click.option(
    "--location",
    "codes",
    multiple=True,
    help="Code of the only location that it may touch; may be repeated. Without one: all.",
)
def add_key(*, name: str, scopes: tuple[str, ...], codes: tuple[str, ...]) -> None:
    """Make a key and print it, this once, on standard output."""
    wanted = tuple(SCOPES) if EVERY_SCOPE in scopes else scopes

    async def add(installed: Installation) -> NewKey:
        async with installed.transaction() as db:
            await _require_locations(db, codes)
            return await keys.add(db, name=name, scopes=wanted, locations=codes)

    with installation.used_by("key add") as installed:
        new = asyncio.run(add(installed))
    _hand_over(new)


@key.command("rotate")
@click.argument("name")
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, keys.OVERLAP_HOURS_MAX),
    default=24,
    show_default=True,
    help="How long the old key lives on, so that its user can change over.",
)
def rotate_key(name: str, *, overlap_hours: int) -> None:
    """Make a new key with the rights of the one called NAME, which then ends."""

    async def rotate(installed: Installation) -> NewKey:
        async with installed.transaction() as db:
            return await keys.rotate(db, name=name, overlap_hours=overlap_hours)

    with installation.used_by("key rotate") as installed:
        new = asyncio.run(rotate(installed))
    _hand_over(new)
    click.echo(f"The old key lives on for {overlap_hours} hours.", err=True)


@key.command("list")
def list_keys() -> None:
    """List all keys, newest first; the keys themselves are not stored."""

    async def read(installed: Installation) -> list[KeyFacts]:
        async with installed.transaction() as db:
            return await keys.listing(db)

    with installation.used_by("key list") as installed:
        known = asyncio.run(read(installed))
    if not known:
        click.echo(f"There is no key. Make one: {PROGRAM} key add --help", err=True)
        return
    table = Table("Name", "Scopes", "Locations", "Made", "Ends")
    for each in known:
        ends = "never" if each.expires_at is None else f"{each.expires_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(
            each.name,
            EVERY_SCOPE if set(each.scopes) == set(SCOPES) else ", ".join(each.scopes),
            ", ".join(each.locations) or EVERY_SCOPE,
            f"{each.created_at:%Y-%m-%d %H:%M} UTC",
            ends,
        )
    Console().print(table)


def _hand_over(new: NewKey) -> None:
    click.echo(f"The key of “{new.name}”. Keep it: it cannot be shown again.", err=True)
    click.echo(new.key)


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        message = "without a terminal, give the password by --password-stdin"
        raise Refused(message)
    password: str = click.prompt(
        "Password", hide_input=True, confirmation_prompt="Once more", err=True
    )
    return password


async def _require_locations(db: Db, codes: tuple[str, ...]) -> None:
    """Refuse a code that is mistyped: nobody would notice that these rights touch nothing."""
    unknown = sorted(await locations.unknown(db, codes=codes))
    if unknown:
        message = f"there is no location {unknown[0]}"
        raise Refused(message)
