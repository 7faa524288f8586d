"""Bringing the read model and the other listeners up to date, for tests."""

from tests.core.stamping import stamped
from unisono.analytics import alerts as analytics_alerts
from unisono.analytics import overview as analytics_overview
from unisono.analytics import verify as analytics_verify
from unisono.analytics.alerts import Alert
from unisono.analytics.follow import LISTENER
from unisono.analytics.overview import Overview
from unisono.core import listening
from unisono.core.database import Database
from unisono.workers.subscriptions import SUBSCRIPTIONS

SETTLED_ROUNDS_MAX = 50


async def heard(database: Database, *names: str, limit: int = 500, once: bool = False) -> None:
    """Let these listeners hear everything that was told, or one batch of it at most."""
    await listening.subscribe(database, SUBSCRIPTIONS)
    await stamped(database)
    for each in SUBSCRIPTIONS:
        if each.name in names:
            while await listening.drain(database, each, limit=limit, attempts_max=1):
                if once:
                    break


async def settled(database: Database) -> None:
    """Let all listeners hear everything, and what follows from it."""
    everyone = [each.name for each in SUBSCRIPTIONS]
    for _ in range(SETTLED_ROUNDS_MAX):
        before = await told(database)
        await heard(database, *everyone)
        if await told(database) == before:
            return
    raise AssertionError("the listeners never come to an end")


async def told(database: Database) -> int:
    """Return how many events were told."""
    async with database.read() as db:
        number: int = await db.value(b"SELECT count(*) FROM core.event")
        return number


async def assert_exact(database: Database) -> None:
    """The facts are what orders, work and parcels are, and the tallies are the sums of them."""
    async with database.read() as db:
        difference = await analytics_verify.verify(db)
        assert difference is None, difference
        assert await db.tuples(b"SELECT * FROM core.dead_letter") == []


async def overview(database: Database) -> Overview:
    """Let the read model hear everything, and return what it tells."""
    await heard(database, LISTENER)
    async with database.read() as db:
        return await analytics_overview.overview(db)


async def alerts(database: Database) -> list[Alert]:
    """Let the read model hear everything, and return what needs a person."""
    await heard(database, LISTENER)
    async with database.read() as db:
        return await analytics_alerts.alerts(db)
