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
from unisono.identity.people import Person
from unisono.identity.roles import ROLES
from unisono.identity.scopes import SCOPES
from unisono.identity.trail import INSTALLATION
from unisono.network import locations

EVERYTHING = "all"


@click.group()
def user() -> None:
    """People: who they are, and their role."""


@user.command("add")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice(tuple(ROLES)))
@click.option("--location", "codes", multiple=True, help="Code of a location; may be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def user_add(
    *, email: str, name: str, role: str, codes: tuple[str, ...], password_stdin: bool
) -> None:
    """Make a person; the password is asked for twice."""
    password = _password(from_input=password_stdin)

    async def add(installed: Installation) -> Person:
        async with installed.transaction() as db:
            await _require_locations(db, codes)
            return await people.add(
                db, email=email, name=name, password=password, role=role, locations=codes
            )

    with installation.used_by("user add") as installed:
        person = asyncio.run(add(installed))
    click.echo(f"{person.email} was added ({person.role}).", err=True)


@user.command("list")
def list_people() -> None:
    """List all people by their e-mail address."""

    async def read(installed: Installation) -> list[Person]:
        async with installed.transaction() as db:
            return await people.listing(db)

    with installation.used_by("user list") as installed:
        known = asyncio.run(read(installed))
    if not known:
        click.echo(f"There is nobody. Add somebody: {PROGRAM} user add --help", err=True)
        return
    table = Table("E-mail", "Name", "Role", "Locations", "Signs in")
    for each in known:
        table.add_row(
            each.email,
            each.name,
            each.role,
            ", ".join(each.locations) or EVERYTHING,
            "yes" if each.active else "switched off",
        )
    Console().print(table)


@user.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def set_password(email: str, *, password_stdin: bool) -> None:
    """Give the person with the address EMAIL a new password; all sessions of that person end."""
    password = _password(from_input=password_stdin)

    async def change(installed: Installation) -> Person:
        async with installed.transaction() as db:
            person = await people.by_email(db, email=email)
            await people.set_password(
                db, person_id=person.id, password=password, author=INSTALLATION
            )
            return person

    with installation.used_by("user password") as installed:
        person = asyncio.run(change(installed))
    click.echo(f"{person.email} has a new password.", err=True)


@user.command("off")
@click.argument("email")
def switch_off(email: str) -> None:
    """Let the person with the address EMAIL sign in no more, and end all sessions."""
    with installation.used_by("user off") as installed:
        person = asyncio.run(_switch(installed, email, active=False))
    click.echo(f"{person.email} was switched off.", err=True)


@user.command("on")
@click.argument("email")
def switch_on(email: str) -> None:
    """Let the person with the address EMAIL sign in again."""
    with installation.used_by("user on") as installed:
        person = asyncio.run(_switch(installed, email, active=True))
    click.echo(f"{person.email} was switched on.", err=True)


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
    type=click.Choice([EVERYTHING, *SCOPES]),
    metavar="SCOPE",
    help=f"What it may do; may be repeated: {', '.join([EVERYTHING, *SCOPES])}.",
)
@click.option(
    "--location",
    "codes",
    multiple=True,
    help="Code of the only location that it may touch; may be repeated. Without one: all.",
)
def add_key(*, name: str, scopes: tuple[str, ...], codes: tuple[str, ...]) -> None:
    """Make a key and print it, this once, on standard output."""
    wanted = tuple(SCOPES) if EVERYTHING in scopes else scopes

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


@key.command("end")
@click.argument("name")
def end_key(name: str) -> None:
    """End the key called NAME now, and every older one of that name."""

    async def end(installed: Installation) -> None:
        async with installed.transaction() as db:
            await keys.end(db, name=name, author=INSTALLATION)

    with installation.used_by("key end") as installed:
        asyncio.run(end(installed))
    click.echo(f"The key “{name}” has ended.", err=True)


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
            EVERYTHING if set(each.scopes) == set(SCOPES) else ", ".join(each.scopes),
            ", ".join(each.locations) or EVERYTHING,
            f"{each.created_at:%Y-%m-%d %H:%M} UTC",
            ends,
        )
    Console().print(table)


async def _switch(installed: Installation, email: str, *, active: bool) -> Person:
    async with installed.transaction() as db:
        person = await people.by_email(db, email=email)
        return await people.change(
            db,
            person_id=person.id,
            name=person.name,
            role=person.role,
            locations=person.locations,
            active=active,
            version=person.version,
            author=INSTALLATION,
        )


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
