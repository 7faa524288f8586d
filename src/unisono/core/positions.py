"""The public order of events: positions, given after the commit.

A transaction's place among the others is only known once it is committed: numbers taken before
(sequences, clocks, transaction ids) let a reader pass a row that commits late. So one stamper,
single by lease, gives each committed batch the next positions, and every reader goes by them.
"""

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
    the same aggregate the one with the lower sequence comes first. STAMP_BATCHES_MAX bounds a call.
    """
    async with database.transaction() as db:
        if not await db.value(sql.take_stamper):
            return 0
        waiting = await db.tuples(sql.waiting_batches, {"limit": STAMP_BATCHES_MAX})
        widths = {batch: max(events, 1) for batch, events, seen in waiting if seen == events}
        if not widths:
            return 0
        order: TopologicalSorter[UUID] = TopologicalSorter(dict.fromkeys(widths, ()))
        for later, earlier in await db.tuples(sql.batches_in_order, {"batches": list(widths)}):
            order.add(later, earlier)
        batches = list(order.static_order())
        await db.execute(
            sql.place, {"batches": batches, "widths": [widths[batch] for batch in batches]}
        )
        await db.execute(sql.mark_stamped, {"batches": batches})
        return len(batches)


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
