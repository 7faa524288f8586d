"""Listeners: each event has its effect once, and one that cannot be digested stops nobody."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid4

import pytest

from tests.core.facts import Ignored, Noted, note_all
from unisono.core import listening, outbox, positions
from unisono.core.database import Database, Db
from unisono.core.listening import Subscription
from unisono.core.outbox import Event
from unisono.core.positions import PlacedEvent

TRIES = 3
Listener = Callable[[Db, Sequence[PlacedEvent]], Awaitable[None]]


@pytest.fixture
def database_url(own_database_url: str) -> str:
    """The URL of a database of each test's own, for a table of its effects."""
    return own_database_url


@pytest.fixture
async def thing(database: Database) -> UUID:
    """A thing of which nothing is told yet; effects are rows of a table of the test's own."""
    async with database.transaction() as db:
        await db.execute(b"CREATE TABLE public.effect (text text NOT NULL)")
    return uuid4()


async def test_each_event_has_its_effect_once(database: Database, thing: UUID) -> None:
    subscription = await subscribed(database, write_down)
    await tell(database, thing, "a", "b", "c")
    assert await drained(database, subscription) == [3, 0]
    assert await effects(database) == ["a", "b", "c"]


async def test_a_listener_is_given_at_most_so_many_events_at_once(
    database: Database, thing: UUID
) -> None:
    sizes = []

    async def listener(db: Db, events: Sequence[PlacedEvent]) -> None:
        sizes.append(len(events))
        await write_down(db, events)

    subscription = await subscribed(database, listener)
    await tell(database, thing, "a", "b", "c", "d", "e")
    assert await drained(database, subscription, limit=2) == [2, 2, 1, 0]
    assert sizes == [2, 2, 1]
    assert await effects(database) == ["a", "b", "c", "d", "e"]


async def test_events_of_other_types_are_passed_over(database: Database, thing: UUID) -> None:
    subscription = await subscribed(database, write_down)
    async with database.transaction() as db:
        await outbox.add(db, [Event(aggregate=thing, sequence=1, fact=Ignored())])
        await outbox.add(db, [Event(aggregate=thing, sequence=2, fact=Noted(text="heard"))])
    await positions.stamp(database)
    assert await drained(database, subscription) == [2, 0]
    assert await effects(database) == ["heard"]


async def test_a_failure_leaves_no_part_of_an_effect_and_is_tried_again(
    database: Database, thing: UUID
) -> None:
    failures = 1

    async def listener(db: Db, events: Sequence[PlacedEvent]) -> None:
        nonlocal failures
        await write_down(db, events)
        if failures:
            failures -= 1
            message = "the other system is away"
            raise ConnectionError(message)

    subscription = await subscribed(database, listener)
    await tell(database, thing, "a", "b")
    assert await drain(database, subscription) == 0
    assert await effects(database) == []
    assert await progress(database) == (0, 1, "ConnectionError: the other system is away")
    assert await drained(database, subscription) == [1, 1, 0]
    assert await effects(database) == ["a", "b"]
    assert await progress(database) == (2, 0, None)


async def test_an_event_that_always_fails_is_set_aside_and_the_next_goes_on(
    database: Database, thing: UUID
) -> None:
    tried = []

    async def listener(db: Db, events: Sequence[PlacedEvent]) -> None:
        for event in events:
            tried.append(event.data["text"])
            if event.data["text"] == "bad":
                message = "cannot be digested"
                raise ValueError(message)
        await write_down(db, events)

    subscription = await subscribed(database, listener)
    await tell(database, thing, "good", "bad", "better")
    for _ in range(12):
        await drain(database, subscription)
    assert await effects(database) == ["good", "better"]
    assert tried.count("bad") == 4  # once among others, then alone as often as is allowed
    assert await dead_letters(database) == [("notes", thing, 2, "ValueError: cannot be digested")]
    assert await progress(database) == (3, 0, None)


async def test_two_workers_at_once_do_not_double_an_effect(database: Database, thing: UUID) -> None:
    async def listener(db: Db, events: Sequence[PlacedEvent]) -> None:
        await asyncio.sleep(0.002)
        await write_down(db, events)

    subscription = await subscribed(database, listener)
    texts = [f"{n:02}" for n in range(30)]
    await tell(database, thing, *texts)

    async def work() -> int:
        advanced = 0
        for _ in range(400):
            advanced += await drain(database, subscription, limit=3)
        return advanced

    assert sum(await asyncio.gather(work(), work(), work())) == 30
    assert await effects(database) == texts


async def test_a_new_listener_begins_with_the_first_event(database: Database, thing: UUID) -> None:
    await tell(database, thing, "before it was there")
    subscription = await subscribed(database, write_down)
    await drained(database, subscription)
    assert await effects(database) == ["before it was there"]


async def test_a_listener_that_is_known_goes_on_where_it_was(
    database: Database, thing: UUID
) -> None:
    subscription = await subscribed(database, write_down)
    await tell(database, thing, "a")
    await drained(database, subscription)
    await listening.subscribe(database, [subscription])
    assert await drained(database, subscription) == [0]
    assert await effects(database) == ["a"]


async def write_down(db: Db, events: Sequence[PlacedEvent]) -> None:
    for event in events:
        text = {"text": event.data["text"]}
        await db.execute(b"INSERT INTO public.effect VALUES (%(text)s::text)", text)


async def subscribed(database: Database, listener: Listener) -> Subscription:
    subscription = Subscription(name="notes", types=frozenset((Noted.name,)), listener=listener)
    await listening.subscribe(database, [subscription])
    return subscription


async def tell(database: Database, thing: UUID, *texts: str) -> None:
    await note_all(database, thing, texts)
    await positions.stamp(database)


async def drain(database: Database, subscription: Subscription, *, limit: int = 100) -> int:
    return await listening.drain(database, subscription, limit=limit, attempts_max=TRIES)


async def drained(database: Database, subscription: Subscription, *, limit: int = 100) -> list[int]:
    """Drain until nothing is left; return by how much each call advanced."""
    advanced = list[int]()
    while not advanced or advanced[-1]:
        advanced.append(await drain(database, subscription, limit=limit))
    return advanced


async def effects(database: Database) -> list[str]:
    async with database.read() as db:
        return [text for (text,) in await db.tuples(b"SELECT text FROM public.effect")]


async def progress(database: Database) -> tuple[int, int, str | None]:
    async with database.read() as db:
        (row,) = await db.tuples(b"SELECT position, attempts, failure FROM core.subscription")
    return row[0], row[1], row[2]


async def dead_letters(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as db:
        return await db.tuples(
            b"SELECT subscription, aggregate, sequence, failure FROM core.dead_letter"
        )
