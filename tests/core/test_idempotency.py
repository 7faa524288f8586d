"""A request that is sent twice with one Idempotency-Key acts once and is answered alike."""

import asyncio
from uuid import UUID, uuid4

import pytest

from unisono.core import idempotency
from unisono.core.database import Database, Db
from unisono.core.idempotency import Answer, IdempotencyKeyReused

ANSWER = Answer(status=201, headers={"ETag": '"1"', "Location": "/v1/x"}, response=b"\x00{}\xff")
WHO = uuid4()


async def test_the_second_request_gets_the_answer_of_the_first(database: Database) -> None:
    async with database.transaction() as db:
        assert await take(db) is None
        await remember(db)
    async with database.transaction() as db:
        assert await take(db) == ANSWER


@pytest.mark.parametrize(
    ("principal", "route", "key"),
    [(uuid4(), "POST /v1/x", "k"), (WHO, "POST /v1/y", "k"), (WHO, "POST /v1/x", "l")],
)
async def test_a_key_is_of_one_user_and_one_route(
    principal: UUID, route: str, key: str, database: Database
) -> None:
    async with database.transaction() as db:
        await take(db)
        await remember(db)
        assert await take(db, principal=principal, route=route, key=key) is None


async def test_a_key_cannot_be_used_for_another_request(database: Database) -> None:
    async with database.transaction() as db:
        await take(db)
        await remember(db)
    with pytest.raises(IdempotencyKeyReused, match="“k” was used before with another request"):
        async with database.transaction() as db:
            await take(db, request=b'{"quantity": 2}')
    async with database.transaction() as db:
        assert await take(db) == ANSWER


async def test_a_request_that_failed_may_be_sent_again(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as db:
            await take(db)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction() as db:
        assert await take(db) is None


async def test_a_second_request_at_the_same_time_waits_for_the_answer_of_the_first(
    database: Database,
) -> None:
    taken = asyncio.Event()

    async def first() -> None:
        async with database.transaction() as db:
            assert await take(db) is None
            taken.set()
            await asyncio.sleep(0.05)
            await remember(db)

    async def second() -> Answer | None:
        await taken.wait()
        async with database.transaction() as db:
            return await take(db)

    _, answer = await asyncio.gather(first(), second())
    assert answer == ANSWER


async def test_when_the_first_fails_the_second_that_waits_acts(database: Database) -> None:
    taken = asyncio.Event()

    async def first() -> None:
        async with database.transaction() as db:
            await take(db)
            taken.set()
            await asyncio.sleep(0.05)
            raise ZeroDivisionError

    async def second() -> Answer | None:
        await taken.wait()
        async with database.transaction() as db:
            return await take(db)

    failed, answer = await asyncio.gather(first(), second(), return_exceptions=True)
    assert isinstance(failed, ZeroDivisionError)
    assert answer is None


async def test_of_many_at_once_one_acts(database: Database) -> None:
    acted = 0

    async def send() -> Answer:
        nonlocal acted
        async with database.transaction() as db:
            earlier = await take(db)
            if earlier is not None:
                return earlier
            acted += 1
            await remember(db)
            return ANSWER

    assert await asyncio.gather(*(send() for _ in range(12))) == [ANSWER] * 12
    assert acted == 1


async def test_old_answers_are_forgotten(database: Database) -> None:
    async with database.transaction() as db:
        for key in ("old", "young"):
            await take(db, key=key)
            await remember(db, key=key)
        await db.execute(
            b"UPDATE core.idempotency SET at = now() - interval '49 hours' WHERE key = 'old'"
        )
        await idempotency.forget_older(db, hours=48)
        assert await db.tuples(b"SELECT key FROM core.idempotency") == [("young",)]


async def take(
    db: Db,
    *,
    principal: UUID = WHO,
    route: str = "POST /v1/x",
    key: str = "k",
    request: bytes = b'{"quantity": 1}',
) -> Answer | None:
    return await idempotency.take(db, principal=principal, route=route, key=key, request=request)


async def remember(db: Db, *, key: str = "k") -> None:
    await idempotency.remember(db, principal=WHO, route="POST /v1/x", key=key, answer=ANSWER)
