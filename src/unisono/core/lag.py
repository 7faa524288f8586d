"""How far what happens later is behind: batches without a position, events not yet listened to."""

from dataclasses import dataclass

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerLag:
    """How many positions a listener has still to read, and how many events it could not digest."""

    listener: str
    behind: int
    dead_letters: int


async def batches_without_position(db: Db) -> int:
    """Return how many committed batches the stamper has not placed yet."""
    number: int = await db.value(sql.batches_without_position)
    return number


async def of_listeners(db: Db) -> list[ListenerLag]:
    """Return the lag of every listener that was ever started, by name."""
    return await db.rows(ListenerLag, sql.of_listeners)
