import asyncio
from dataclasses import dataclass
from uuid import UUID

import pytest

from unisono.identity import remembered
from unisono.identity.remembered import Remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    id: UUID
    rights: str


ZOE = UUID(int=1)
MAX = UUID(int=2)


class Register:
    """What is looked up, and how often it was."""

    def __init__(self, who: Somebody | None, *, trusted: float = 3600) -> None:
        self.who = who
        self.looks = 0
        self.trusted = trusted
        self.open = asyncio.Event()
        self.open.set()

    async def look(self) -> tuple[Somebody | None, float]:
        found = self.who
        self.looks += 1
        await self.open.wait()
        return found, self.trusted


@pytest.mark.parametrize("who", [Somebody(id=ZOE, rights="all"), None])
async def test_what_was_looked_up_is_trusted_for_a_while(who: Somebody | None) -> None:
    known: Remembered[Somebody] = Remembered()
    register = Register(who)
    assert [await known.who(b"key", register.look) for _ in range(3)] == [who] * 3
    assert register.looks == 1
    brief = Register(who, trusted=0)
    assert [await known.who(b"other", brief.look) for _ in range(3)] == [who] * 3
    assert brief.looks == 3


async def test_requests_at_the_same_moment_share_one_look() -> None:
    known: Remembered[Somebody] = Remembered()
    zoe = Somebody(id=ZOE, rights="all")
    register = Register(zoe, trusted=0)
    assert await asyncio.gather(*(known.who(b"key", register.look) for _ in range(5))) == [zoe] * 5
    assert register.looks == 1


async def test_who_hangs_up_takes_the_answer_from_nobody() -> None:
    known: Remembered[Somebody] = Remembered()
    zoe = Somebody(id=ZOE, rights="all")
    register = Register(zoe)
    register.open.clear()
    impatient = asyncio.create_task(known.who(b"key", register.look))
    patient = asyncio.create_task(known.who(b"key", register.look))
    await asyncio.sleep(0)
    impatient.cancel()
    register.open.set()
    assert await patient == zoe
    assert register.looks == 1


async def test_who_is_changed_is_looked_up_again_and_again_until_that_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known: Remembered[Somebody] = Remembered()
    zoe, other = Register(Somebody(id=ZOE, rights="all")), Register(Somebody(id=MAX, rights="all"))
    for register, key in ((zoe, b"zoe"), (other, b"max")):
        await known.who(key, register.look)
    known.doubt(ZOE)
    for rights in ("all", "none"):
        zoe.who = Somebody(id=ZOE, rights=rights)
        assert await known.who(b"zoe", zoe.look) == zoe.who
        await known.who(b"max", other.look)
    assert (zoe.looks, other.looks) == (3, 1)
    monkeypatch.setattr(remembered, "DOUBT_SECONDS", 0)
    known.doubt(ZOE)
    for _ in range(3):
        await known.who(b"zoe", zoe.look)
    assert zoe.looks == 4


async def test_a_look_from_before_a_change_answers_nobody_who_comes_after_it() -> None:
    known: Remembered[Somebody] = Remembered()
    register = Register(Somebody(id=ZOE, rights="all"))
    register.open.clear()
    before = asyncio.create_task(known.who(b"key", register.look))
    await asyncio.sleep(0)
    known.doubt(ZOE)
    during = asyncio.create_task(known.who(b"key", register.look))
    await asyncio.sleep(0)
    register.who = None
    after = asyncio.create_task(known.who(b"key", register.look))
    await asyncio.sleep(0)
    register.open.set()
    old = Somebody(id=ZOE, rights="all")
    assert [await before, await during, await after] == [old, old, None]
    assert await known.who(b"key", register.look) is None


async def test_a_bounded_number_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "ENTRIES_MAX", 3)
    known: Remembered[Somebody] = Remembered()
    register = Register(None)
    for number in range(10):
        await known.who(b"%d" % number, register.look)
    assert len(known) == 3
    await known.who(b"9", register.look)
    assert register.looks == 10
