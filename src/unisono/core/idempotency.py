"""Answers that are remembered, so that a request sent twice acts once.

The key is taken in the transaction of the change itself: a second request with the same key waits
for the first to commit and then reads its answer.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from unisono.core import queries
from unisono.core.database import Db
from unisono.core.errors import UnisonoError

sql = queries.beside(__file__)


class IdempotencyKeyReused(UnisonoError):
    """The Idempotency-Key was used before, with another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: HTTP status, the headers that matter, and the body's bytes."""

    status: int
    headers: dict[str, str]
    response: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    request_hash: bytes
    status: int
    headers: dict[str, str]
    response: bytes


async def take(db: Db, *, principal: UUID, route: str, key: str, request: bytes) -> Answer | None:
    """Take the key for this transaction; return the answer that it already has, if any.

    ``request`` is the raw body. Raises IdempotencyKeyReused when the key belongs to another one.
    """
    identity = {"principal": principal, "route": route, "key": key}
    digest = hashlib.sha256(request).digest()
    if await db.value(sql.take_key, {**identity, "request_hash": digest}) is not None:
        return None
    earlier = await db.row(_Remembered, sql.remembered, identity)
    if earlier is None or earlier.request_hash != digest:
        message = f"the Idempotency-Key “{key}” was used before with another request on this route"
        raise IdempotencyKeyReused(message)
    return Answer(status=earlier.status, headers=earlier.headers, response=earlier.response)


async def remember(db: Db, *, principal: UUID, route: str, key: str, answer: Answer) -> None:
    """Keep the answer of a key that ``take`` took in this transaction."""
    await db.execute(
        sql.remember,
        {
            "principal": principal,
            "route": route,
            "key": key,
            "status": answer.status,
            "headers": Jsonb(answer.headers),
            "response": answer.response,
        },
    )


async def forget_older(db: Db, *, hours: int) -> None:
    """Forget answers older than ``hours``."""
    await db.execute(sql.forget_older, {"hours": hours})
