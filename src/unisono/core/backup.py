"""Backups: the whole database in one file, and back again.

A backup is an archive of ``pg_dump`` in its custom format. The ledger of migrations is in it, and
says which schema it holds. Everything here is synchronous and may take minutes.
"""

import contextlib
import fcntl
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import conninfo

from unisono.core import clock, embedded, migrate, queries
from unisono.core.embedded.process import fault_in
from unisono.core.embedded.wheel import MAJOR_VERSION
from unisono.core.errors import UnisonoError

sql = queries.beside(__file__)

BESIDE = "unisono_restoring"
BOOKKEEPING = ["public.unisono_migration", "core.revision", "core.subscription"]
"""Tables that are written by migrations and by a start, so that they hold nothing of the user's."""

_LOCK_WAIT_MS = 30_000
# The row of a step in the archive's copy of the ledger: name, checksum, and when.
_STEP = re.compile(r"^(\d{4}_\w+)\t([0-9a-f]{64})\t", re.MULTILINE)
_NAMED_MAX = 3


class BackupFailed(UnisonoError):
    """The backup could not be written."""


class BackupUnusable(UnisonoError):
    """The file is no backup that this unisono can restore."""


class RestoreRefused(UnisonoError):
    """Restoring now would lose something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was written: its size, and the newest migration in it."""

    size_bytes: int
    schema: str


def unfinished(file: Path) -> Path:
    """Return the name under which a backup is written until it is complete."""
    return file.with_name(f".{file.name}.unfinished")


def write(url: str, file: Path) -> Backup:
    """Write everything that the database holds at this moment to ``file``; others go on working.

    The file, for its owner's eyes only, appears when it is complete and on the disk. Raises
    BackupFailed when it exists, or when this PostgreSQL cannot be read by the carried programs.
    """
    if file.exists():
        message = f"{file} exists already; choose another name"
        raise BackupFailed(message)
    partial = unfinished(file)
    with _sole_writer(partial) as output:
        try:
            _dump(url, output)
            os.fsync(output.fileno())
            written = Backup(size_bytes=partial.stat().st_size, schema=max(schema_of(partial)))
        except BaseException:
            partial.unlink()
            raise
        partial.rename(file)
    _sync_folder(file.parent)
    return written


def schema_of(file: Path) -> dict[str, str]:
    """Return the migrations in a backup, each with the checksum of its text.

    Raises BackupUnusable when the file is no backup of unisono.
    """
    result = embedded.run_program(
        "pg_restore",
        "--data-only",
        "--schema=public",
        "--table=unisono_migration",
        "--file=-",
        str(file.resolve()),
    )
    if result.returncode != 0:
        raise BackupUnusable(_reason(f"{file} is not a complete backup", result))
    steps = dict(_STEP.findall(result.stdout.decode(errors="replace")))
    if not steps:
        message = f"{file} is a backup of something else than unisono"
        raise BackupUnusable(message)
    return steps


def require_known_schema(file: Path) -> None:
    """Raise BackupUnusable unless this unisono knows every migration in the backup."""
    known = {step.name: step.checksum for step in migrate.migrations()}
    for name, checksum in sorted(schema_of(file).items()):
        if name not in known:
            message = f"{file} was made by a newer unisono: its migration {name} is not known here"
            raise BackupUnusable(message)
        if known[name] != checksum:
            message = f"{file} was made by another unisono: its migration {name} has another text"
            raise BackupUnusable(message)


def holdings(url: str) -> list[str]:
    """Return the tables of a database that hold something of the user's, or once did."""
    with psycopg.connect(url) as connection:
        cursor = connection.execute(sql.written_tables, {"bookkeeping": BOOKKEEPING})
        return [name for (name,) in cursor.fetchall()]


def restore(
    url: str,
    file: Path,
    *,
    replace: bool,
    verify: Callable[[str], None],
    tell: Callable[[str], None],
) -> str | None:
    """Put what a backup holds into the place of the database; nobody may be connected to it.

    It is restored into a new database beside, migrated, and passed by URL to ``verify``, which
    raises when something is wrong with it. Only then the two change names, in one transaction.
    Returns the name under which the former database is kept, None when there was nothing in it.
    ``tell`` hears what is being done.

    Raises BackupUnusable for the file, and RestoreRefused when the database holds something and
    ``replace`` is not given, or when others use it. After any refusal it is as it was.
    """
    tell("Looking at the backup")
    require_known_schema(file)
    held = holdings(url)
    if held and not replace:
        raise RestoreRefused(_holding(held))
    name = str(conninfo.conninfo_to_dict(url)["dbname"])
    beside = conninfo.make_conninfo(url, dbname=BESIDE)
    administration = conninfo.make_conninfo(url, dbname="postgres")
    with psycopg.connect(administration, autocommit=True) as connection:
        connection.execute(sql.drop_unfinished)
        connection.execute(sql.create_unfinished)
        try:
            tell("Restoring")
            _fill(beside, file)
            tell("Migrating")
            migrate.migrate(beside)
            tell("Verifying")
            verify(beside)
            return _swap(connection, name, keep=bool(held))
        except BaseException:
            connection.execute(sql.drop_unfinished)
            raise


def _dump(url: str, output: IO[bytes]) -> None:
    with _target(url) as target:
        result = embedded.run_program(
            "pg_dump",
            "--format=custom",
            "--no-password",
            f"--lock-wait-timeout={_LOCK_WAIT_MS}",
            f"--dbname={target}",
            stdout=output,
            timeout_seconds=None,
        )
    if result.returncode != 0:
        raise BackupFailed(_reason("the database was not read to its end", result))


def _fill(beside: str, file: Path) -> None:
    result = embedded.run_program(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--no-password",
        f"--dbname={beside}",
        str(file.resolve()),
        timeout_seconds=None,
    )
    if result.returncode != 0:
        raise BackupUnusable(_reason(f"{file} could not be restored", result))


def _swap(connection: psycopg.Connection[Any], name: str, *, keep: bool) -> str | None:
    former = f"{name}_before_{clock.now():%Y%m%d_%H%M%S}"
    try:
        with connection.transaction():
            _run(connection, sql.renaming, {"old": name, "new": former})
            _run(connection, sql.renaming, {"old": BESIDE, "new": name})
    except psycopg.errors.ObjectInUse:
        message = "the database is in use by another program; end that first"
        raise RestoreRefused(message) from None
    if keep:
        return former
    _run(connection, sql.dropping, {"name": former})
    return None


def _run(connection: psycopg.Connection[Any], query: bytes, parameters: dict[str, str]) -> None:
    """Run the statement that a query composes: names of databases cannot be parameters."""
    row = connection.execute(query, parameters).fetchone()
    if row is not None:
        connection.execute(row[0])


@contextlib.contextmanager
def _sole_writer(partial: Path) -> Iterator[IO[bytes]]:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(partial, flags, 0o600), "r+b") as output:
        try:
            fcntl.flock(output, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "another backup is writing to the same name"
            raise BackupFailed(message) from None
        # What an interrupted backup left under this name is worth nothing.
        output.truncate()
        yield output


@contextlib.contextmanager
def _target(url: str) -> Iterator[str]:
    """Give the connection string for a client program.

    The programs get no environment, so it names what psycopg took from there. The password goes by
    a file, because every user of the machine can read the arguments of a program.
    """
    with psycopg.connect(url) as connection:
        info = connection.info
        parameters, password = info.get_parameters(), info.password
        server_major = info.server_version // 10_000
    if server_major > int(MAJOR_VERSION):
        message = (
            f"the database is PostgreSQL {server_major}, and unisono brings the programs of "
            f"{MAJOR_VERSION}; use the pg_dump of that server"
        )
        raise BackupFailed(message)
    with tempfile.NamedTemporaryFile("w", prefix="unisono-", encoding="utf-8") as passwords:
        if password:
            escaped = password.replace("\\", "\\\\").replace(":", "\\:")
            passwords.write(f"*:*:*:*:{escaped}\n")
            passwords.flush()
            parameters["passfile"] = passwords.name
        yield conninfo.make_conninfo("", **parameters)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _reason(what: str, result: subprocess.CompletedProcess[bytes]) -> str:
    log = result.stderr.decode(errors="replace")
    return f"{what}: {fault_in(log) or f'the program ended with code {result.returncode}'}"


def _holding(held: list[str]) -> str:
    named = ", ".join(held[:_NAMED_MAX])
    more = f" and {len(held) - _NAMED_MAX} more" if len(held) > _NAMED_MAX else ""
    return (
        f"the database holds something already ({named}{more}); with --replace it is kept under "
        f"another name"
    )
