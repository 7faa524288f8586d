"""Migrations: numbered ``.sql`` files, forward only, each once.

Each runs in its own transaction with a short lock timeout; an advisory lock lets two starters run
at once. One step is foreign: the schema of the job queue comes from its installed package.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import errors

from unisono.core import queries
from unisono.core.database import DatabaseUnusable, Db
from unisono.core.errors import UnisonoError

sql = queries.beside(__file__)

_FOLDER = Path(__file__).with_name("migrations")
_JOBS = "0002_jobs"


class MigrationChanged(UnisonoError):
    """A migration that was already applied has another text now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step: its number and name (the file's stem) and its text."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, by which a changed file is found out."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Return every step in order."""
    own = [
        Migration(name=path.stem, text=path.read_text(encoding="utf-8"))
        for path in sorted(_FOLDER.glob("*.sql"))
    ]
    return sorted([*own, Migration(name=_JOBS, text="")], key=lambda step: step.name)


def migrate(url: str, *, lock_timeout_ms: int = 5000) -> list[str]:
    """Bring the database to the newest schema and return the names of the steps that ran.

    Raises DatabaseUnusable when it cannot be reached or used, MigrationChanged when an applied file
    was edited. A step that fails leaves no trace, and the next call starts with it.
    """
    try:
        with _connected(url) as connection:
            return _migrate(connection, lock_timeout_ms)
    except errors.LockNotAvailable:
        message = "a table stays locked by another program; try again when that has ended"
        raise DatabaseUnusable(message) from None
    except psycopg.OperationalError as problem:
        raise DatabaseUnusable(str(problem).strip().splitlines()[0]) from None


def _connected(url: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.ProgrammingError as problem:
        # The text is no address at all, so nothing was asked of any server.
        message = f"this is not the address of a database: {str(problem).strip().splitlines()[0]}"
        raise DatabaseUnusable(message) from None


async def pending(db: Db) -> list[str]:
    """Return the names of the steps that this database still needs."""
    applied = {name for name, _ in await db.tuples(sql.applied)}
    return [step.name for step in migrations() if step.name not in applied]


def _migrate(connection: psycopg.Connection[Any], lock_timeout_ms: int) -> list[str]:
    connection.execute(sql.lock_migrations)
    try:
        connection.execute(sql.create_ledger)
        applied: dict[str, str] = dict(connection.execute(sql.applied).fetchall())
        ran = []
        for step in migrations():
            if step.name in applied:
                _refuse_change(step, applied[step.name])
                continue
            with connection.transaction():
                connection.execute(sql.set_lock_timeout, {"value": f"{lock_timeout_ms}ms"})
                _apply(connection, step)
                connection.execute(sql.record_step, {"name": step.name, "checksum": step.checksum})
            ran.append(step.name)
        return ran
    finally:
        connection.execute(sql.unlock_migrations)


def _apply(connection: psycopg.Connection[Any], step: Migration) -> None:
    if step.name == _JOBS:
        connection.execute(sql.enter_jobs_schema)
        connection.execute(SchemaManager.get_schema().encode())
        connection.execute(sql.tune_jobs)
        connection.execute(sql.leave_jobs_schema)
    else:
        connection.execute(step.text.encode())


def _refuse_change(step: Migration, applied_checksum: str) -> None:
    if step.checksum != applied_checksum:
        message = f"migration {step.name} was applied with another text; write a new one instead"
        raise MigrationChanged(message)
