"""The loops of a worker, each alone responsible for itself.

A loop that fails begins again after a pause that doubles up to PAUSE_SECONDS_MAX, and says so once,
not at every try. All end at once when ``ending`` is set: what was in a transaction is rolled back,
and whoever goes on finds it as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException

from unisono.core import listening, positions
from unisono.core.database import Database
from unisono.core.errors import Unavailable
from unisono.core.listening import Subscription
from unisono.core.logs import reason
from unisono.core.settings import Settings
from unisono.inventory import image
from unisono.workers import schedule

log = structlog.get_logger()

PAUSE_SECONDS = 0.1
PAUSE_SECONDS_MAX = 5.0
CANCEL_SECONDS = 0.5
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
    known = asyncio.Event()

    async def subscribe() -> int:
        await listening.subscribe(database, subscriptions)
        known.set()
        return 0

    async def listen(drain: Callable[[], Awaitable[int]]) -> int:
        await known.wait()
        return await drain()

    await _until(
        ending,
        keep("jobs", partial(_work_jobs, database, settings), ending=ending),
        keep("subscriptions", subscribe, ending=ending, once=True),
        *(
            keep(name, partial(listen, drain), ending=ending, idle_seconds=idle_seconds)
            for name, drain in drains.items()
        ),
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
        keep(
            "stamper",
            partial(positions.stamp, database),
            ending=ending,
            idle_seconds=idle_seconds,
        ),
        keep("image", step, ending=ending, idle_seconds=idle_seconds),
    )


async def _until(ending: asyncio.Event, *loops: Coroutine[None, None, None]) -> None:
    """Run these loops until ``ending`` is set, then end them, whatever they wait for."""
    async with asyncio.TaskGroup() as group:
        left = {group.create_task(loop) for loop in loops}
        await ending.wait()
        while left:
            for task in left:
                task.cancel()
            # Before Python 3.12 `asyncio.wait_for`, under the database driver, loses a
            # cancellation that comes in the moment of its result: then it is sent again.
            _, left = await asyncio.wait(left, timeout=CANCEL_SECONDS)


async def keep(
    name: str,
    step: Callable[[], Awaitable[int]],
    *,
    ending: asyncio.Event,
    idle_seconds: float = PAUSE_SECONDS,
    once: bool = False,
) -> None:
    """Repeat a step until ``ending`` is set, or until it succeeded ``once``.

    It returns how much it did. After a step that did nothing the loop rests for ``idle_seconds``.
    """
    pause = PAUSE_SECONDS
    failed = False
    while not ending.is_set():
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
        log.warning("loop_waits_for_database", loop=name, reason=reason(problem))
    else:
        log.error("loop_failed", loop=name, reason=reason(problem))


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
