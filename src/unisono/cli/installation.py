"""What a command works on: the settings, and a database that is there and can be used."""

import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import psycopg

from unisono.core import embedded, migrate, settings
from unisono.core.database import Database, DatabaseUnusable, Db
from unisono.core.embedded.lock import Owner, owner_of
from unisono.core.settings import Settings

PROGRAM = "unisono"
VERSION_MIN = 15
CONNECTIONS_BESIDE = 40
"""Connections of the embedded server beside the pools: of workers, other commands, and people."""

_BRIEFLY = "briefly: "
_BRIEF_SECONDS_MAX = 20.0
_POLL_SECONDS = 0.05


class Refused(click.ClickException):
    """The command cannot do this; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The settings of a command, the URL of its database, and the server when it is its own.

    ``migrated`` names the migrations that were applied just now.
    """

    settings: Settings
    url: str
    server: embedded.RunningServer | None
    migrated: list[str]

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Db]:
        """Open the database for one transaction."""
        database = Database(
            replace(self.settings, database_writers=1, database_readers=1), url=self.url
        )
        await database.open()
        try:
            async with database.transaction() as db:
                yield db
        finally:
            await database.close()


@contextlib.contextmanager
def used_by(command: str, *, stays: bool = False) -> Iterator[Installation]:
    """Give the database to a command, migrated; unless it ``stays`` it ends soon.

    Without a database URL it is the embedded one: that of a running ``serve``, else a server that
    is started for the length of the command.
    """
    known = settings.load()
    note = command if stays else f"{_BRIEFLY}{command}"
    if known.database_url is not None:
        yield _ready(known, known.database_url, None)
        return
    while True:
        _wait_for_brief_owner(known)
        running = embedded.attach(known.data_directory)
        if running is not None:
            yield _ready(known, running.url, None)
            return
        try:
            server = embedded.start(known.data_directory, owner_note=note)
        except embedded.DataDirectoryInUse:
            # Somebody was quicker; his server serves as well.
            continue
        with server:
            yield _ready(known, server.url, server)
        return


@contextlib.contextmanager
def owned_by(known: Settings, *, note: str, processes: int) -> Iterator[Installation]:
    """Give the database to a command that stays, migrated; the embedded one is then its own.

    Raises DataDirectoryInUse with what the owner says about itself when there is another.
    """
    if known.database_url is not None:
        yield _ready(known, known.database_url, None)
        return
    _wait_for_brief_owner(known)
    pools = processes * (known.database_writers + known.database_readers)
    served = embedded.ServerSettings()
    served = replace(
        served, max_connections=max(served.max_connections, pools + CONNECTIONS_BESIDE)
    )
    with embedded.start(known.data_directory, owner_note=note, settings=served) as server:
        yield _ready(known, server.url, server)


def data_directory(known: Settings) -> Path:
    """Return where the embedded database keeps its data."""
    return (known.data_directory or embedded.default_data_directory()).resolve()


def _wait_for_brief_owner(known: Settings) -> None:
    """Wait for a command that owns the server and takes it along when it ends, which is soon."""
    deadline = time.monotonic() + _BRIEF_SECONDS_MAX
    while _is_brief(owner_of(data_directory(known))) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _is_brief(owner: Owner | None) -> bool:
    return owner is not None and owner.note.startswith(_BRIEFLY)


def _ready(known: Settings, url: str, server: embedded.RunningServer | None) -> Installation:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.ProgrammingError:
        # The reason that the library gives would show the whole address, and with it the password.
        message = (
            "database_url is not an address of PostgreSQL; "
            "write for example postgresql://user:password@host:5432/unisono"
        )
        raise DatabaseUnusable(message) from None
    except psycopg.OperationalError as problem:
        reason = (str(problem).strip().splitlines() or ["no reason was given"])[0]
        message = f"the database cannot be used: {reason}"
        raise DatabaseUnusable(message) from None
    if version < VERSION_MIN:
        message = f"the database is PostgreSQL {version}; unisono needs {VERSION_MIN} or newer"
        raise DatabaseUnusable(message)
    return Installation(settings=known, url=url, server=server, migrated=migrate.migrate(url))
