"""Sessions of people: signing in, who comes with a cookie, signing out.

A session is 256 random bits in the cookie; only their SHA-256 is stored. It ends
``session_hours`` after its last use and ``session_days_max`` after its begin. What a process read
of one it trusts for ``key_cache_seconds``, so a session that was ended in another process may live
that much longer; in this one it ends at once.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from unisono.core import queries
from unisono.core.database import Database, Db
from unisono.core.errors import UnisonoError
from unisono.core.settings import Settings
from unisono.identity import emails, passwords, remembered, sign_in_tries, trail
from unisono.identity.keys import Principal
from unisono.identity.roles import ROLES

sql = queries.beside(__file__)

TOKEN_BYTES = 32
SEEN_SECONDS = 60
"""Between two uses that are written down; a session lasts hours, so a minute does not matter."""


class SignInRefused(UnisonoError):
    """The e-mail address or the password is wrong."""


class NotSignedIn(UnisonoError):
    """Nobody is signed in, or the session has ended."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        """Keep what the form said that somebody sent: it must not be lost."""
        super().__init__("this page is for people who are signed in")
        self.fields = fields


class ForeignForm(UnisonoError):
    """The form does not come from a page of this server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor(Principal):
    """A person who is signed in, with the rights of the role; stands wherever a Principal does."""

    email: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that just began. ``token`` belongs into the cookie and cannot be read again."""

    token: str = field(repr=False)
    visitor: Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    id: UUID
    email: str
    name: str
    role: str
    locations: list[str]
    active: bool
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    id: UUID
    email: str
    name: str
    role: str
    locations: list[str]
    lives_seconds: float
    """What is left of the session's life."""
    unseen_seconds: float
    """How long ago its last use was written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    id: UUID
    name: str
    email: str


async def sign_in(database: Database, *, email: str, password: str) -> NewSession:
    """Begin a session of the person with this address and password.

    Takes its own transactions, none of which is open while the password is hashed. Raises
    SignInRefused, the same and after the same work, for a wrong password, an address that is
    nobody's, and a person who was switched off; SignInSlowed, without looking at the password,
    while the address has to wait; Overloaded when too many sign in.
    """
    address = emails.folded(email)
    with passwords.place():
        async with database.transaction() as db:
            await sign_in_tries.begin(db, address=address)
            person = await _person_of(db, address)
        stored = person.password_hash if person is not None and person.active else None
        if not await passwords.matches(password, stored=stored) or person is None:
            raise _refusal()
        renewed = None
        if passwords.is_outdated(person.password_hash):
            renewed = await passwords.hashed(password)
    async with database.transaction() as db:
        return await _begin(db, person, renewed=renewed)


async def signed_in(database: Database, *, token: str) -> Visitor | None:
    """Return who comes with this token; None when it is unknown or its session has ended."""
    digest = _digest(token)
    known = remembered.of_process(database.memory, Visitor)
    return await known.who(digest, partial(_ask, database, digest))


async def sign_out(db: Db, *, token: str) -> None:
    """End the session with this token; one that is unknown or has ended is no mistake."""
    ended = await db.row(_Ended, sql.end_session, {"hash": _digest(token)})
    if ended is not None:
        doubt(db, ended.id)
        await trail.write(db, actor=ended.name, act="signed_out", subject=ended.email)


async def end_all(db: Db, *, person_id: UUID, author: str) -> int:
    """End every session of a person, and return how many there were."""
    ended = await db.rows(_Ended, sql.end_sessions, {"person": person_id})
    doubt(db, person_id)
    if ended:
        await trail.write(db, actor=author, act="sessions_ended", subject=ended[0].email)
    return len(ended)


async def end_others(db: Db, *, person_id: UUID, token: str, author: str) -> int:
    """End every session of a person but the one with this token; return how many ended."""
    ended = await db.rows(
        _Ended, sql.end_other_sessions, {"person": person_id, "hash": _digest(token)}
    )
    doubt(db, person_id)
    if ended:
        await trail.write(db, actor=author, act="sessions_ended", subject=ended[0].email)
    return len(ended)


async def forget_ended(db: Db) -> None:
    """Forget the sessions that have ended by themselves."""
    await db.execute(sql.forget_ended)


def doubt(db: Db, person_id: UUID) -> None:
    """Let this process read again what a person may do: this transaction changes it."""
    remembered.of_process(db.memory, Visitor).doubt(person_id)


async def _person_of(db: Db, address: str) -> _Person | None:
    if not emails.is_address(address):
        # It may hold characters that no column takes.
        return None
    return await db.row(_Person, sql.person_of_address, {"email": address})


async def _begin(db: Db, person: _Person, *, renewed: str | None) -> NewSession:
    """Begin a session unless the person was switched off or the password changed meanwhile."""
    verified = person.password_hash
    if renewed is not None:
        await db.execute(
            sql.renew_hash, {"id": person.id, "verified": verified, "renewed": renewed}
        )
        verified = renewed
    token = secrets.token_urlsafe(TOKEN_BYTES)
    inserted = await db.value(
        sql.insert_session,
        {"hash": _digest(token), "person": person.id, "verified": verified}
        | _lifetime(db.settings),
    )
    if inserted is None:
        raise _refusal()
    await sign_in_tries.succeed(db, address=person.email)
    await trail.write(db, actor=person.name, act="signed_in", subject=person.email)
    return NewSession(token=token, visitor=_visitor(person))


async def _ask(database: Database, digest: bytes) -> tuple[Visitor | None, float]:
    trusted = database.settings.key_cache_seconds
    async with database.read() as db:
        session = await db.row(_Session, sql.by_hash, {"hash": digest})
    if session is None:
        return None, trusted
    if session.unseen_seconds >= SEEN_SECONDS:
        async with database.transaction() as db:
            await db.execute(
                sql.see,
                {"hash": digest, "seen_seconds": SEEN_SECONDS} | _lifetime(database.settings),
            )
    return _visitor(session), min(trusted, session.lives_seconds)


def _visitor(person: _Person | _Session) -> Visitor:
    return Visitor(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        scopes=ROLES[person.role],
        locations=frozenset(person.locations),
    )


def _lifetime(settings: Settings) -> dict[str, int]:
    return {"hours": settings.session_hours, "days_max": settings.session_days_max}


def _refusal() -> SignInRefused:
    return SignInRefused("the e-mail address or the password is wrong")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
