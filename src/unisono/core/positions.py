"""The public order of events: positions, given after the commit.

A transaction's place among the others is only known once it is committed: numbers taken before
(sequences, clocks, transaction ids) let a reader pass a row that commits late. So one stamper,
single by a lock of the database, gives each committed batch the next positions, and every reader
goes by them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any
from uuid import UUID

from unisono.core import queries
from unisono.core.database import Database, Db

sql = queries.beside(__file__)

STAMP_BATCHES_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedEvent:
    """An event with its position; ``data`` is the decoded fact."""

    position: int
    aggregate: UUID
    sequence: int
    type: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Events in order, and the position up to which there is no other: read on after that."""

    events: tuple[PlacedEvent, ...]
    reached: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedBatch:
    """A batch with its first position and how many positions it holds."""

    position: int
    batch: UUID
    width: int


async def stamp(database: Database) -> int:
    """Give positions to the committed batches that have none; return how many batches got one.

    A batch counts as committed when all of its events can be seen. Of two batches that speak of
    the same aggregate the one with the lower sequence comes first, whatever their ids say: a batch
    is taken with those before it, or waits with them. STAMP_BATCHES_MAX bounds a call but for them.
    """
    async with database.transaction() as db:
        if not await db.value(sql.take_stamper):
            return 0
        widths = _widths(await db.tuples(sql.waiting_batches, {"limit": STAMP_BATCHES_MAX}))
        before: dict[UUID, set[UUID]] = {batch: set() for batch in widths}
        asked = list(widths)
        while asked:
            pairs = await db.tuples(sql.batches_before, {"batches": asked})
            for later, earlier in pairs:
                before[later].add(earlier)
            asked = list({earlier for _, earlier in pairs} - before.keys())
            before |= {batch: set() for batch in asked}
            widths |= _widths(await db.tuples(sql.batches, {"batches": asked})) if asked else {}
        placed: dict[UUID, int] = {}
        for batch in TopologicalSorter(before).static_order():
            if batch in widths and before[batch] <= placed.keys():
                placed[batch] = widths[batch]
        if placed:
            await db.execute(sql.place, {"batches": list(placed), "widths": list(placed.values())})
            await db.execute(sql.mark_stamped, {"batches": list(placed)})
        return len(placed)


def _widths(batches: Iterable[tuple[Any, ...]]) -> dict[UUID, int]:
    """Return how many positions each batch takes whose every event can be seen."""
    return {batch: max(events, 1) for batch, events, seen in batches if seen == events}


async def latest(db: Db) -> int:
    """Return the last position given so far; 0 when there is none."""
    position: int = await db.value(sql.latest_position)
    return position


async def batches_after(db: Db, *, after: int, limit: int) -> list[PlacedBatch]:
    """Return the batches that hold positions after ``after``, in order, at most ``limit``."""
    return await db.rows(PlacedBatch, sql.batches_after, {"after": after, "limit": limit})


async def read(db: Db, *, after: int, limit: int) -> Reading:
    """Return the events after a position, in order, at most ``limit``; none is ever skipped."""
    batches = await batches_after(db, after=after, limit=limit)
    if not batches:
        return Reading(events=(), reached=after)
    events = await db.rows(
        PlacedEvent,
        sql.events_of,
        {
            "batches": [each.batch for each in batches],
            "positions": [each.position for each in batches],
            "after": after,
            "limit": limit,
        },
    )
    whole = batches[-1].position + batches[-1].width - 1
    return Reading(
        events=tuple(events), reached=events[-1].position if len(events) == limit else whole
    )
