"""How far what happens later is behind: batches without a position, events not yet listened to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unisono.core import ids, queries
from unisono.core.database import Db

sql = queries.beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerLag:
    """How far a listener has come, and what it could not digest.

    ``position`` is the last that is done, ``behind`` how many it has still to read, and
    ``waiting_since`` when the first that it has not heard of was written, with a position or not.
    ``dead_since`` is when the oldest of its dead letters was set aside.
    """

    listener: str
    position: int
    behind: int
    waiting_since: datetime | None
    dead_letters: int
    dead_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listener:
    listener: str
    position: int
    behind: int
    dead_letters: int
    dead_since: datetime | None
    next_batch: UUID | None


async def batches_without_position(db: Db) -> int:
    """Return how many committed batches the stamper has not placed yet."""
    number: int = await db.value(sql.batches_without_position)
    return number


async def of_listeners(db: Db) -> list[ListenerLag]:
    """Return the lag of every listener that was ever started, by name."""
    unplaced: UUID | None = await db.value(sql.oldest_batch_without_position)
    return [
        ListenerLag(
            listener=each.listener,
            position=each.position,
            behind=each.behind,
            waiting_since=_oldest(each.next_batch, unplaced),
            dead_letters=each.dead_letters,
            dead_since=each.dead_since,
        )
        for each in await db.rows(_Listener, sql.of_listeners)
    ]


def _oldest(*batches: UUID | None) -> datetime | None:
    """Return when the oldest of these batches was begun, as its id tells."""
    return min((ids.made_at(each) for each in batches if each is not None), default=None)
