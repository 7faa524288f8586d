import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar
from uuid import UUID

import psycopg
import pytest
import structlog

from unisono.core import ids, outbox
from unisono.core.database import Database, Db
from unisono.core.listening import Subscription
from unisono.core.outbox import Event, Fact
from unisono.core.positions import PlacedEvent
from unisono.core.settings import Settings
from unisono.workers import loops, schedule


class Probed(Fact, frozen=True, kw_only=True):
    name: ClassVar = "probe.probed"
    number: int


# Other tests look at every fact of the program; this one is none of them.
del outbox.FACTS[Probed.name]


async def _tell(database: Database, number: int) -> UUID:
    aggregate = ids.uuid7()
    async with database.transaction() as db:
        await outbox.add(db, [Event(aggregate=aggregate, sequence=1, fact=Probed(number=number))])
    return aggregate


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110 - another process may be what changes it
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _working(
    database: Database, settings: Settings, heard: list[int]
) -> AsyncIterator[asyncio.Event]:
    """All loops of a process that works, with one listener that notes what it hears."""

    async def listen(db: Db, events: Sequence[PlacedEvent]) -> None:
        heard.extend(event.data["number"] for event in events)

    ending = asyncio.Event()
    subscription = Subscription(name="probe", types=frozenset({"probe.probed"}), listener=listen)
    async with asyncio.TaskGroup() as group:
        group.create_task(loops.follow(database, settings, ending=ending))
        group.create_task(
            loops.run(database, settings, subscriptions=[subscription], ending=ending)
        )
        try:
            yield ending
        finally:
            ending.set()


async def test_what_is_told_is_heard_in_order(database: Database, settings: Settings) -> None:
    heard: list[int] = []

    async def all_heard() -> bool:
        return len(heard) == 5

    async with _working(database, settings, heard):
        for number in range(5):
            await _tell(database, number)
        await _until(all_heard)
    assert heard == [0, 1, 2, 3, 4]


async def test_the_loops_end_when_they_are_told(database: Database, settings: Settings) -> None:
    before = asyncio.all_tasks()
    async with _working(database, settings, []) as ending:
        await asyncio.sleep(0.3)
        ending.set()
    left = [each for each in asyncio.all_tasks() - before if "loops.py" in repr(each)]
    assert left == []


async def test_the_loops_outlive_a_database_that_goes_away(
    database: Database, settings: Settings
) -> None:
    heard: list[int] = []

    async def heard_one() -> bool:
        return heard == [1]

    async def told() -> bool:
        try:
            await _tell(database, 2)
        except psycopg.OperationalError:
            return False
        return True

    async def heard_two() -> bool:
        return heard[-1] == 2

    async with _working(database, settings, heard):
        await _tell(database, 1)
        with psycopg.connect(database.url, autocommit=True) as connection:
            await _until(heard_one)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await _until(told)
        await _until(heard_two)
    assert set(heard) == {1, 2}


async def test_a_loop_that_fails_says_so_once_and_again_when_it_is_well() -> None:
    outcomes: list[Exception | int] = [
        psycopg.OperationalError("away"),
        psycopg.OperationalError("away"),
        3,
        ValueError("broken"),
        0,
    ]

    async def step() -> int:
        if not outcomes:
            raise asyncio.CancelledError
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with structlog.testing.capture_logs() as logged, pytest.raises(asyncio.CancelledError):
        await loops.keep("probe", step, ending=asyncio.Event())
    assert [(each["log_level"], each["event"]) for each in logged] == [
        ("warning", "loop_waits_for_database"),
        ("info", "loop_recovered"),
        ("error", "loop_failed"),
        ("info", "loop_recovered"),
    ]


async def test_the_pause_after_failures_doubles_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 8:
            raise asyncio.CancelledError

    async def step() -> int:
        raise psycopg.OperationalError

    monkeypatch.setattr(asyncio, "sleep", note)
    with pytest.raises(asyncio.CancelledError):
        await loops.keep("probe", step, ending=asyncio.Event())
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


async def test_a_loop_ends_even_when_its_cancellation_is_lost() -> None:
    ending = asyncio.Event()

    async def step() -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return 1
        return 0

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(loops._until(ending, loops.keep("probe", step, ending=ending)))
        await asyncio.sleep(0.01)
        ending.set()


async def test_a_job_that_is_due_is_done(database: Database, settings: Settings) -> None:
    async with database.transaction() as db:
        await db.execute(
            b"INSERT INTO core.idempotency (principal, route, key, request_hash, at)"
            b" SELECT gen_random_uuid(), 'POST /', n::text, '', now() - make_interval(hours => n)"
            b" FROM unnest(ARRAY[1, 100]) AS n"
        )

    async def forgotten() -> bool:
        async with database.read() as db:
            return await db.tuples(b"SELECT key FROM core.idempotency") == [("1",)]

    app = schedule.jobs(database, settings)
    async with app.open_async():
        await app.configure_task("forget_old_answers").defer_async(timestamp=0)
    async with _working(database, settings, []):
        await _until(forgotten)


async def test_finished_jobs_are_deleted_after_a_day(
    database: Database, settings: Settings
) -> None:
    app = schedule.jobs(database, settings)
    async with app.open_async():
        old = await app.configure_task("forget_old_answers").defer_async(timestamp=0)
        await app.run_worker_async(wait=False, install_signal_handlers=False)
        async with database.transaction() as db:
            await db.execute(
                b"UPDATE jobs.procrastinate_events SET at = now() - interval '25 hours'"
            )
        new = await app.configure_task("delete_finished_jobs").defer_async(timestamp=0)
        await app.run_worker_async(wait=False, install_signal_handlers=False)
    async with database.read() as db:
        left = dict(await db.tuples(b"SELECT id, status::text FROM jobs.procrastinate_jobs"))
    # By their ids: what the clock makes due meanwhile is among them too.
    assert old not in left
    assert left[new] == "succeeded"


async def test_all_periodic_work_is_known_to_the_worker(
    database: Database, settings: Settings
) -> None:
    app = schedule.jobs(database, settings)
    names = {name for name, _ in app.periodic_registry.periodic_tasks}
    assert names == {"delete_finished_jobs", *(each.name for each in schedule.SCHEDULE)}
