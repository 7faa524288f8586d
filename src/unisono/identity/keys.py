"""API keys: 256 random bits, shown once; only their SHA-256 is stored.

A fast hash is right here, because nobody can guess 256 bits; a slow one would cost every request.
What a process read of a key it trusts for a few seconds, so a key that was ended in another process
may live that much longer.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from unisono.core import ids, queries
from unisono.core.database import Database, Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.identity import remembered, trail
from unisono.identity import scopes as known_scopes

sql = queries.beside(__file__)

PREFIX = "uk_"
KEY_BYTES = 32
NAME_LENGTH_MAX = 100
OVERLAP_HOURS_MAX = 24 * 90
KEYS_LISTED_MAX = 1000


class KeyRefused(UnisonoError):
    """No valid API key was sent."""


class UnknownKey(UnisonoError):
    """There is no API key of that name."""


class KeyNameTaken(UnisonoError):
    """A living API key has that name."""


class ScopeMissing(UnisonoError):
    """The API key lacks the scope that this needs."""


class LocationRefused(UnisonoError):
    """The rights of whoever asks are for other locations."""


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

    id: UUID
    name: str
    scopes: list[str]
    locations: list[str]
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks for something: the key behind a request. No ``locations`` means all of them."""

    id: UUID
    name: str
    scopes: frozenset[str]
    locations: frozenset[str]

    def require_location(self, code: str) -> None:
        """Raise LocationRefused unless the work and stock of a location may be touched."""
        if self.locations and code not in self.locations:
            message = f"“{self.name}” may not touch the location “{code}”"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    id: UUID
    name: str


async def add(
    db: Db,
    *,
    name: str,
    scopes: Iterable[str],
    locations: Iterable[str] = (),
    author: str = trail.INSTALLATION,
) -> NewKey:
    """Make a key with these rights; empty ``locations`` means every location.

    Raises InvalidInput for a name that is empty or too long, and for unknown scopes, and
    KeyNameTaken when a living key has that name.
    """
    if not name.strip() or len(name) > NAME_LENGTH_MAX:
        detail = f"a key has a name of 1 to {NAME_LENGTH_MAX} characters"
        raise InvalidInput(Fault(pointer="/name", code="wrong_length", detail=detail))
    wanted = known_scopes.checked(scopes)
    await db.execute(sql.lock_name, {"name": name})
    if await db.row(_Rights, sql.rights_of_name, {"name": name}) is not None:
        message = f"there is a living API key named “{name}” already"
        raise KeyNameTaken(message)
    new = await _insert(db, name=name, scopes=wanted, locations=sorted(set(locations)))
    await trail.write(db, actor=author, act="key_added", subject=name)
    return new


async def rotate(
    db: Db, *, name: str, overlap_hours: int, author: str = trail.INSTALLATION
) -> NewKey:
    """Make a new key of that name with the same rights; older ones end after ``overlap_hours``.

    0 hours end them at once. Raises UnknownKey when no live key has that name, and InvalidInput
    when the overlap is negative or longer than OVERLAP_HOURS_MAX.
    """
    if not 0 <= overlap_hours <= OVERLAP_HOURS_MAX:
        detail = f"the old key lives on for 0 to {OVERLAP_HOURS_MAX} hours"
        raise InvalidInput(Fault(pointer="/overlap_hours", code="out_of_range", detail=detail))
    await db.execute(sql.lock_name, {"name": name})
    rights = await db.row(_Rights, sql.rights_of_name, {"name": name})
    if rights is None:
        raise _unknown(name)
    for (ended,) in await db.tuples(sql.expire, {"name": name, "hours": overlap_hours}):
        _doubt(db, ended)
    new = await _insert(db, name=name, scopes=rights.scopes, locations=rights.locations)
    await trail.write(db, actor=author, act="key_rotated", subject=name)
    return new


async def rotate_one(db: Db, *, key_id: UUID, overlap_hours: int, author: str) -> NewKey:
    """Rotate the name of this key (``rotate``) unless that was done since it was looked at.

    Raises UnknownKey also for a key that is to end already: asking twice makes one new key.
    """
    key = await get(db, key_id=key_id)
    await db.execute(sql.lock_name, {"name": key.name})
    if (await get(db, key_id=key_id)).expires_at is not None:
        raise _gone()
    return await rotate(db, name=key.name, overlap_hours=overlap_hours, author=author)


async def get(db: Db, *, key_id: UUID) -> KeyFacts:
    """Return what is known of a living key. Raises UnknownKey."""
    key = await db.row(KeyFacts, sql.living_by_id, {"id": key_id})
    if key is None:
        raise _gone()
    return key


async def end(db: Db, *, name: str, author: str) -> None:
    """End every living key of that name now, also one that was to live on after a rotation.

    Raises UnknownKey when no live key has that name.
    """
    await db.execute(sql.lock_name, {"name": name})
    ended = await db.tuples(sql.expire, {"name": name, "hours": 0})
    if not ended:
        raise _unknown(name)
    for (key_id,) in ended:
        _doubt(db, key_id)
    await trail.write(db, actor=author, act="key_ended", subject=name)


async def end_one(db: Db, *, key_id: UUID, author: str) -> None:
    """End one key now. Raises UnknownKey when there is no live key with that id."""
    ended = await db.row(_Named, sql.end_one, {"id": key_id})
    if ended is None:
        raise _gone()
    _doubt(db, ended.id)
    await trail.write(db, actor=author, act="key_ended", subject=ended.name)


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
    digest = _digest(key)
    known = remembered.of_process(database.memory, Principal)
    principal = await known.who(digest, partial(_ask, database, digest, trust_seconds))
    if principal is None:
        message = "this API key is not known, or it has expired"
        raise KeyRefused(message)
    return principal


async def _ask(
    database: Database, digest: bytes, trust_seconds: float
) -> tuple[Principal | None, float]:
    async with database.read() as db:
        stored = await db.row(_Stored, sql.by_hash, {"hash": digest})
    if stored is None:
        return None, trust_seconds
    principal = Principal(
        id=stored.id,
        name=stored.name,
        scopes=frozenset(stored.scopes),
        locations=frozenset(stored.locations),
    )
    return principal, min(trust_seconds, stored.lives_seconds or trust_seconds)


def _doubt(db: Db, key_id: UUID) -> None:
    """Let this process read again whether a key lives: this transaction ends it."""
    remembered.of_process(db.memory, Principal).doubt(key_id)


def _unknown(name: str) -> UnknownKey:
    return UnknownKey(f"there is no live API key named “{name}”")


def _gone() -> UnknownKey:
    return UnknownKey("this API key is not known, or it has ended already")


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
