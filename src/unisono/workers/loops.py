"""The loops of a worker, each alone responsible for itself.

A loop that fails begins again after a pause that doubles up to PAUSE_SECONDS_MAX, and says so once,
not at every try. All end at once when ``ending`` is set: what was in a transaction is rolled back,
and whoever goes on finds it as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException

from unisono.core import listening, positions
from unisono.core.database import Database
from unisono.core.errors import Unavailable
from unisono.core.listening import Subscription
from unisono.core.settings import Settings
from unisono.inventory import image
from unisono.workers import schedule

log = structlog.get_logger()

PAUSE_SECONDS = 0.1
PAUSE_SECONDS_MAX = 5.0
JOBS_AT_ONCE = 4
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, Unavailable, ConnectorException)


async def run(
    database: Database,
    settings: Settings,
    *,
    subscriptions: Sequence[Subscription],
    ending: asyncio.Event,
) -> None:
    """Run the listeners and the timed jobs until ``ending`` is set; ``follow`` runs beside it."""
    idle_seconds = settings.drain_pause_ms / 1000
    drains = {
        each.name: partial(
            listening.drain,
            database,
            each,
            limit=settings.drain_events_max,
            attempts_max=settings.drain_attempts_max,
        )
        for each in subscriptions
    }
    await _until(
        ending,
        keep("jobs", partial(_work_jobs, database, settings)),
        _listen(database, subscriptions, drains, idle_seconds),
    )


async def follow(database: Database, settings: Settings, *, ending: asyncio.Event) -> None:
    """Run what every process needs, until ``ending`` is set.

    That is a stamper, so that changes get their position even where no worker runs, and the
    follower of this process's image of stock.
    """
    idle_seconds = settings.drain_pause_ms / 1000
    remembered = image.of_process(database.memory, settings)

    async def step() -> int:
        async with database.read() as db:
            return await remembered.follow(db)

    await _until(
        ending,
        keep("stamper", partial(positions.stamp, database), idle_seconds=idle_seconds),
        keep("image", step, idle_seconds=idle_seconds),
    )


async def _until(ending: asyncio.Event, *loops: Coroutine[None, None, None]) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in loops]
        await ending.wait()
        for task in tasks:
            task.cancel()


async def _listen(
    database: Database,
    subscriptions: Sequence[Subscription],
    drains: Mapping[str, Callable[[], Awaitable[int]]],
    idle_seconds: float,
) -> None:
    """Make the listeners known, however long the database is away, then let each listen."""

    async def subscribe() -> int:
        await listening.subscribe(database, subscriptions)
        return 0

    await keep("subscriptions", subscribe, once=True)
    async with asyncio.TaskGroup() as group:
        for name, drain in drains.items():
            group.create_task(keep(name, drain, idle_seconds=idle_seconds))


async def keep(
    name: str,
    step: Callable[[], Awaitable[int]],
    *,
    idle_seconds: float = PAUSE_SECONDS,
    once: bool = False,
) -> None:
    """Repeat a step for ever, or until it succeeded ``once``; it returns how much it did.

    After a step that did nothing the loop rests for ``idle_seconds``.
    """
    pause = PAUSE_SECONDS
    failed = False
    while True:
        try:
            done = await step()
        except Exception as problem:  # noqa: BLE001 - a loop outlives whatever one step meets, and says it
            if not failed:
                _tell(name, problem)
            failed = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, PAUSE_SECONDS_MAX)
            continue
        if failed:
            log.info("loop_recovered", loop=name)
        if once:
            return
        failed, pause = False, PAUSE_SECONDS
        if not done:
            await asyncio.sleep(idle_seconds)


def _tell(name: str, problem: Exception) -> None:
    if isinstance(problem, _AWAY):
        log.warning("loop_waits_for_database", loop=name, reason=str(problem))
    else:
        log.error("loop_failed", loop=name, reason=f"{type(problem).__name__}: {problem}")


async def _work_jobs(database: Database, settings: Settings) -> int:
    """Work off timed jobs; comes back only when the worker lost the database."""
    app = schedule.jobs(database, settings)
    async with app.open_async():
        await app.run_worker_async(
            install_signal_handlers=False,
            listen_notify=True,
            concurrency=JOBS_AT_ONCE,
            # At the end nobody waits for a job: it is taken up again by the next worker.
            shutdown_graceful_timeout=0,
        )
    return 0
