"""API keys: 256 random bits, shown once; only their SHA-256 is stored.

A fast hash is right here, because nobody can guess 256 bits; a slow one would cost every request.
What a process read of a key it trusts for a few seconds, so an expired key may live that much
longer.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from unisono.core import ids, queries
from unisono.core.database import Database, Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.identity import scopes as known_scopes

sql = queries.beside(__file__)

PREFIX = "uk_"
KEY_BYTES = 32
NAME_LENGTH_MAX = 100
OVERLAP_HOURS_MAX = 24 * 90
KEYS_LISTED_MAX = 1000
REMEMBERED_MAX = 10_000
"""Keys, known or refused, that a process remembers; beyond that it forgets the oldest."""


class KeyRefused(UnisonoError):
    """No valid API key was sent."""


class UnknownKey(UnisonoError):
    """There is no API key of that name."""


class ScopeMissing(UnisonoError):
    """The API key lacks the scope that this needs."""


class LocationRefused(UnisonoError):
    """The API key is for other locations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that was just made. ``key`` is shown this once and cannot be read again."""

    id: UUID
    name: str
    key: str
    scopes: tuple[str, ...]
    locations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What can be told of a key that was made before; one without ``expires_at`` lives on."""

    name: str
    scopes: list[str]
    locations: list[str]
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who sends a request: the key behind it. No ``locations`` means all of them."""

    id: UUID
    name: str
    scopes: frozenset[str]
    locations: frozenset[str]

    def require_location(self, code: str) -> None:
        """Raise LocationRefused unless this key may touch the work and stock of a location."""
        if self.locations and code not in self.locations:
            message = f"the key “{self.name}” may not touch the location “{code}”"
            raise LocationRefused(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    id: UUID
    name: str
    scopes: list[str]
    locations: list[str]
    lives_seconds: float | None
    """What is left of an expiring key's life, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rights:
    scopes: list[str]
    locations: list[str]


@dataclass(slots=True, kw_only=True)
class _Remembered:
    """What one process read of keys: by hash, the principal (None: refused) and until when."""

    principals: dict[bytes, tuple[float, Principal | None]] = field(default_factory=dict)
    asked: dict[bytes, asyncio.Task[Principal | None]] = field(default_factory=dict)


async def add(db: Db, *, name: str, scopes: Iterable[str], locations: Iterable[str] = ()) -> NewKey:
    """Make a key with these rights; empty ``locations`` means every location.

    Raises InvalidInput for a name that is empty or too long, and for unknown scopes.
    """
    if not name.strip() or len(name) > NAME_LENGTH_MAX:
        detail = f"a key has a name of 1 to {NAME_LENGTH_MAX} characters"
        raise InvalidInput(Fault(pointer="/name", code="wrong_length", detail=detail))
    return await _insert(
        db, name=name, scopes=known_scopes.checked(scopes), locations=sorted(set(locations))
    )


async def rotate(db: Db, *, name: str, overlap_hours: int) -> NewKey:
    """Make a new key of that name with the same rights; older ones end after ``overlap_hours``.

    0 hours end them at once. Raises UnknownKey when no live key has that name, and InvalidInput
    when the overlap is negative or longer than OVERLAP_HOURS_MAX.
    """
    if not 0 <= overlap_hours <= OVERLAP_HOURS_MAX:
        detail = f"the old key lives on for 0 to {OVERLAP_HOURS_MAX} hours"
        raise InvalidInput(Fault(pointer="/overlap_hours", code="out_of_range", detail=detail))
    rights = await db.row(_Rights, sql.rights_of_name, {"name": name})
    if rights is None:
        message = f"there is no live API key named “{name}”"
        raise UnknownKey(message)
    await db.execute(sql.expire, {"name": name, "hours": overlap_hours})
    return await _insert(db, name=name, scopes=rights.scopes, locations=rights.locations)


async def listing(db: Db) -> list[KeyFacts]:
    """Return what is known of the living keys, newest first, at most KEYS_LISTED_MAX."""
    return await db.rows(KeyFacts, sql.living, {"limit": KEYS_LISTED_MAX})


async def _insert(db: Db, *, name: str, scopes: list[str], locations: list[str]) -> NewKey:
    key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    new = NewKey(
        id=ids.uuid7(), name=name, key=key, scopes=tuple(scopes), locations=tuple(locations)
    )
    await db.execute(
        sql.insert_key,
        {
            "id": new.id,
            "name": name,
            "hash": _digest(key.encode()),
            "scopes": scopes,
            "locations": locations,
        },
    )
    return new


async def authenticate(database: Database, *, key: bytes, trust_seconds: float) -> Principal:
    """Return whose key this is; what is known of it is trusted for ``trust_seconds``.

    Raises KeyRefused when there is no such key or it has expired.
    """
    remembered: _Remembered = database.memory.setdefault(_Remembered, _Remembered())
    digest = _digest(key)
    known = remembered.principals.get(digest)
    if known is None or known[0] <= time.monotonic():
        principal = await _ask_once(database, remembered, digest, trust_seconds)
    else:
        principal = known[1]
    if principal is None:
        message = "this API key is not known, or it has expired"
        raise KeyRefused(message)
    return principal


async def _ask_once(
    database: Database, remembered: _Remembered, digest: bytes, trust_seconds: float
) -> Principal | None:
    """Let all requests that come with the same key wait for one look into the database."""
    task = remembered.asked.get(digest)
    if task is None:
        task = asyncio.create_task(_ask(database, remembered, digest, trust_seconds))
        remembered.asked[digest] = task
        task.add_done_callback(lambda _: remembered.asked.pop(digest))
    # One client that hangs up must not take the answer from the others.
    return await asyncio.shield(task)


async def _ask(
    database: Database, remembered: _Remembered, digest: bytes, trust_seconds: float
) -> Principal | None:
    async with database.read() as db:
        stored = await db.row(_Stored, sql.by_hash, {"hash": digest})
    principal, trusted = None, trust_seconds
    if stored is not None:
        principal = Principal(
            id=stored.id,
            name=stored.name,
            scopes=frozenset(stored.scopes),
            locations=frozenset(stored.locations),
        )
        trusted = min(trust_seconds, stored.lives_seconds or trust_seconds)
    principals = remembered.principals
    principals.pop(digest, None)
    while len(principals) >= REMEMBERED_MAX:
        del principals[next(iter(principals))]
    principals[digest] = (time.monotonic() + trusted, principal)
    return principal


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
