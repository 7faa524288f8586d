"""Positions: whoever reads on from where it stopped misses no event and sees none twice."""

import asyncio
import random
import secrets
from uuid import UUID, uuid4

import pytest

from tests.core.facts import Noted, note, note_all
from unisono.core import outbox, positions
from unisono.core.database import Database
from unisono.core.outbox import Event
from unisono.core.positions import PlacedEvent, Reading


async def test_an_event_that_is_committed_late_is_not_passed_over(database: Database) -> None:
    early, late = uuid4(), uuid4()
    async with database.transaction() as slow:
        await note(slow, late, 1)
        await note_all(database, early, ["first", "second"])
        assert await positions.stamp(database) == 2
        before = await read(database, after=0)
        assert told(before) == [(early, 1), (early, 2)]
    assert await positions.stamp(database) == 1
    after = await read(database, after=before.reached)
    assert told(after) == [(late, 1)]
    assert after.events[0].position == 3


async def test_what_is_not_committed_has_no_position(database: Database) -> None:
    async with database.transaction() as slow:
        await note(slow, uuid4(), 1)
        assert await positions.stamp(database) == 0
        assert await read(database, after=0) == Reading(events=(), reached=0)


async def test_what_was_rolled_back_is_never_told(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as db:
            await note(db, uuid4(), 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await positions.stamp(database) == 0
    async with database.read() as db:
        assert await positions.latest(db) == 0


async def test_no_reader_misses_an_event_of_writers_that_cross(database: Database) -> None:
    seed = secrets.randbits(32)
    numbers = random.Random(seed)
    shared = uuid4()
    own = [uuid4() for _ in range(3)]
    sequence = 0

    async def write(aggregate: UUID) -> None:
        nonlocal sequence
        for n in range(1, 21):
            async with database.transaction() as db:
                await note(db, aggregate, n)
                for _ in range(numbers.randrange(4)):
                    await asyncio.sleep(0.001)
                # The lock is what raising the version of a thing is in the areas.
                await db.execute(b"SELECT pg_advisory_xact_lock(1)")
                sequence += 1
                await note(db, shared, sequence)

    async def follow() -> list[PlacedEvent]:
        seen: list[PlacedEvent] = []
        reached = 0
        while len(seen) < 120:
            await positions.stamp(database)
            reading = await read(database, after=reached, limit=numbers.randint(1, 7))
            seen += reading.events
            reached = reading.reached
        return seen

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        following = group.create_task(follow())
        for aggregate in own:
            group.create_task(write(aggregate))
    seen = following.result()
    assert [event.position for event in seen] == list(range(1, 121)), f"seed {seed}"
    for aggregate in own:
        assert [e.sequence for e in seen if e.aggregate == aggregate] == list(range(1, 21))
    assert [e.sequence for e in seen if e.aggregate == shared] == list(range(1, 61))


async def test_events_of_one_thing_keep_their_order_when_clocks_do_not(database: Database) -> None:
    # The batch that commits second comes from a machine whose clock is behind: its id is lower.
    thing = uuid4()
    for sequence, batch in ((1, UUID(int=2)), (2, UUID(int=1))):
        async with database.transaction() as db:
            db._batch = batch
            await note(db, thing, sequence)
    assert await positions.stamp(database) == 2
    assert told(await read(database, after=0)) == [(thing, 1), (thing, 2)]


async def test_their_order_is_kept_when_not_all_are_stamped_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "STAMP_BATCHES_MAX", 1)
    thing = uuid4()
    for sequence, batch in ((1, UUID(int=3)), (2, UUID(int=2)), (3, UUID(int=1))):
        async with database.transaction() as db:
            db._batch = batch
            await note(db, thing, sequence)
    while await positions.stamp(database):
        pass
    assert told(await read(database, after=0)) == [(thing, 1), (thing, 2), (thing, 3)]


async def test_batches_without_events_do_not_stop_a_reader(database: Database) -> None:
    for n in range(5):
        async with database.transaction() as db:
            assert db.batch.version == 7
        if n == 3:
            await note_all(database, UUID(int=9), ["after four silent ones"])
    assert await positions.stamp(database) == 6
    reached, seen = 0, list[PlacedEvent]()
    for _ in range(6):
        reading = await read(database, after=reached, limit=1)
        seen += reading.events
        reached = reading.reached
    assert [event.aggregate for event in seen] == [UUID(int=9)]
    assert reached == 6
    assert await read(database, after=reached) == Reading(events=(), reached=6)


@pytest.mark.parametrize(("limit", "parts"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (9, [5])])
async def test_a_batch_with_more_events_than_are_asked_for_is_read_in_parts(
    limit: int, parts: list[int], database: Database
) -> None:
    thing = uuid4()
    async with database.transaction() as db:
        events = [Event(aggregate=thing, sequence=n, fact=Noted(text=str(n))) for n in range(1, 6)]
        await outbox.add(db, events[:3])
        await outbox.add(db, events[3:])
    await positions.stamp(database)
    reached, seen, sizes = 0, list[PlacedEvent](), list[int]()
    while (reading := await read(database, after=reached, limit=limit)).events:
        seen += reading.events
        sizes.append(len(reading.events))
        reached = reading.reached
    assert [(event.position, event.data) for event in seen] == [
        (n, {"text": str(n)}) for n in range(1, 6)
    ]
    assert sizes == parts
    assert reached == 5


async def test_only_one_stamps_at_a_time(database: Database) -> None:
    await note_all(database, uuid4(), ["waits"])
    async with database.transaction() as other:
        assert await other.value(positions.sql.take_stamper)
        assert await positions.stamp(database) == 0
    assert await positions.stamp(database) == 1
    assert await positions.stamp(database) == 0


async def test_the_latest_position_is_that_of_the_last_event(database: Database) -> None:
    await note_all(database, uuid4(), ["one", "two", "three"])
    await positions.stamp(database)
    async with database.read() as db:
        assert await positions.latest(db) == 3


def told(reading: Reading) -> list[tuple[UUID, int]]:
    return [(event.aggregate, event.sequence) for event in reading.events]


async def read(database: Database, *, after: int, limit: int = 100) -> Reading:
    async with database.read() as db:
        return await positions.read(db, after=after, limit=limit)
