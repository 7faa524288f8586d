"""Wrong passwords slow an address down, whoever it is and wherever they are typed."""

import asyncio
import hashlib

import pytest

from tests.identity.staff import PASSWORD, ZOE, CountingHasher, another_process, hire, rows, run
from unisono.api import errors
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import sessions, sign_in_tries
from unisono.identity.sessions import SignInRefused
from unisono.identity.sign_in_tries import SignInSlowed
from unisono.workers.schedule import forget_ended_sessions

WRONG = "incorrect horse battery"


async def fail(database: Database, email: str = ZOE) -> None:
    """Try a wrong password, which is looked at."""
    with pytest.raises(SignInRefused):
        await sessions.sign_in(database, email=email, password=WRONG)


async def slowed(database: Database, email: str = ZOE, password: str = PASSWORD) -> int:
    """Try once more, too early; for how many seconds it has to wait."""
    with pytest.raises(SignInSlowed) as refused:
        await sessions.sign_in(database, email=email, password=password)
    return refused.value.seconds


async def wait(database: Database, seconds: int) -> None:
    """Let time pass since the last tries."""
    await run(
        database,
        f"UPDATE identity.sign_in_try SET tried_at = tried_at - interval '{seconds} seconds'",
    )


@pytest.fixture
def ten_times_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no test depends on being as quick as a second."""
    monkeypatch.setattr(
        sign_in_tries, "WAIT_SECONDS", tuple(10 * each for each in sign_in_tries.WAIT_SECONDS)
    )


def test_waits_double_from_the_third_wrong_try_to_a_minute() -> None:
    assert sign_in_tries.WAIT_SECONDS == (0, 0, 2, 4, 8, 16, 32, 60)


@pytest.mark.parametrize(
    "email", [ZOE, "nobody@shop.example", "no address", "nul\0@shop", "\udce9"]
)
async def test_every_further_try_waits_longer_also_at_an_address_of_nobody(
    database: Database, hasher: CountingHasher, ten_times_slower: None, email: str
) -> None:
    await hire(database)
    for _ in range(3):
        await fail(database, email)
    waits = []
    for seconds in (20, 40, 80, 160, 320, 600, 600):
        waits.append(round(await slowed(database, email), -1))
        await wait(database, seconds)
        await fail(database, email)
    assert waits == [20, 40, 80, 160, 320, 600, 600]
    assert hasher.verified == 3 + 7


async def test_a_try_that_comes_too_early_is_neither_verified_nor_counted(
    database: Database, hasher: CountingHasher, ten_times_slower: None
) -> None:
    await hire(database)
    for _ in range(3):
        await fail(database)
    before = await rows(database, "SELECT wrong, tried_at FROM identity.sign_in_try")
    assert [round(await slowed(database), -1) for _ in range(5)] == [20] * 5
    assert hasher.verified == 3
    assert await rows(database, "SELECT wrong, tried_at FROM identity.sign_in_try") == before
    assert before[0][0] == 3
    assert await rows(database, "SELECT 1 FROM identity.session") == []


async def test_one_address_does_not_slow_another(
    database: Database, ten_times_slower: None
) -> None:
    await hire(database)
    for _ in range(3):
        await fail(database, "max@shop.example")
    assert (await sessions.sign_in(database, email=ZOE, password=PASSWORD)).visitor.email == ZOE


async def test_the_right_password_makes_the_wrong_ones_forgotten(
    database: Database, ten_times_slower: None
) -> None:
    await hire(database)
    for _ in range(3):
        await fail(database)
    await wait(database, 20)
    await sessions.sign_in(database, email=f" {ZOE.upper()} ", password=PASSWORD)
    assert await rows(database, "SELECT 1 FROM identity.sign_in_try") == []


async def test_tries_at_the_same_moment_do_not_slip_through_together(
    database: Database, hasher: CountingHasher, ten_times_slower: None
) -> None:
    await hire(database)
    async with another_process(database) as other:
        told = await asyncio.gather(
            *(
                sessions.sign_in(each, email=ZOE, password=WRONG)
                for each in (database, other)
                for _ in range(10)
            ),
            return_exceptions=True,
        )
    kinds = [type(each) for each in told]
    assert (kinds.count(SignInRefused), kinds.count(SignInSlowed)) == (3, 17)
    assert hasher.verified == 3
    assert await rows(database, "SELECT wrong FROM identity.sign_in_try") == [(3,)]


async def test_an_address_that_nobody_tries_for_a_while_begins_anew(
    database: Database, settings: Settings, ten_times_slower: None
) -> None:
    for _ in range(3):
        await fail(database)
    await wait(database, 16 * 60)
    await fail(database)
    assert await rows(database, "SELECT wrong FROM identity.sign_in_try") == [(1,)]
    await forget_ended_sessions(database, settings)
    assert await rows(database, "SELECT wrong FROM identity.sign_in_try") == [(1,)]
    await wait(database, 16 * 60)
    await forget_ended_sessions(database, settings)
    assert await rows(database, "SELECT wrong FROM identity.sign_in_try") == []


async def test_what_was_typed_as_an_address_is_not_kept(database: Database) -> None:
    await fail(database, "My Password")
    assert await rows(database, "SELECT address_hash FROM identity.sign_in_try") == [
        (hashlib.sha256(b"my password").digest(),)
    ]


def test_over_http_who_is_slowed_is_told_when_to_come_again() -> None:
    shown = errors.rendered(SignInSlowed(8))
    assert (shown.status, shown.headers["retry-after"]) == (429, "8")
