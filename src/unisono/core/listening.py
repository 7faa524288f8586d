"""Listeners: what follows from events, in a transaction of its own.

A listener is given events in order and in batches; how far it has come is written in the same
transaction as what it did, so each event has its effect once. A batch that fails is tried again one
event at a time; an event that fails too often is set aside as a dead letter, with its reason.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from unisono.core import positions, queries
from unisono.core.database import Database, Db
from unisono.core.logs import reason
from unisono.core.positions import PlacedEvent

sql = queries.beside(__file__)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who listens to what. ``listener`` must be safe to repeat on the same events."""

    name: str
    types: frozenset[str]
    listener: Callable[[Db, Sequence[PlacedEvent]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress:
    position: int
    attempts: int


async def subscribe(database: Database, subscriptions: Sequence[Subscription]) -> None:
    """Make each subscription known; a new one begins at the first event."""
    async with database.transaction() as db:
        await db.execute(sql.subscribe, {"names": [each.name for each in subscriptions]})


async def drain(
    database: Database, subscription: Subscription, *, limit: int, attempts_max: int
) -> int:
    """Give the listener its next events; return how many positions it advanced.

    0 means that there was nothing to do, or that another worker is doing it.
    """
    try:
        async with database.transaction() as db:
            progress = await db.row(_Progress, sql.claim, {"name": subscription.name})
            if progress is None:
                return 0
            at_once = 1 if progress.attempts else limit
            reading = await positions.read(db, after=progress.position, limit=at_once)
            wanted = [event for event in reading.events if event.type in subscription.types]
            if wanted and progress.attempts >= attempts_max:
                await _set_aside(db, subscription, wanted[0])
            elif wanted:
                await subscription.listener(db, wanted)
            if reading.reached > progress.position:
                await db.execute(
                    sql.advance, {"name": subscription.name, "position": reading.reached}
                )
            return reading.reached - progress.position
    except Exception as problem:  # noqa: BLE001 - it is counted, shown, and in the end set aside with its reason
        log.warning("listener_failed", listener=subscription.name, reason=reason(problem))
        async with database.transaction() as db:
            await db.execute(
                sql.record_failure,
                {"name": subscription.name, "failure": reason(problem)},
            )
        return 0


async def _set_aside(db: Db, subscription: Subscription, event: PlacedEvent) -> None:
    log.error("dead_letter", listener=subscription.name, aggregate=str(event.aggregate))
    await db.execute(
        sql.set_aside,
        {
            "name": subscription.name,
            "aggregate": event.aggregate,
            "sequence": event.sequence,
        },
    )
