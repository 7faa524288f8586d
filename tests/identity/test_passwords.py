import asyncio
import threading
from typing import Literal

import pytest

from tests.identity.staff import CountingHasher
from unisono.core.errors import Overloaded
from unisono.identity import passwords


async def test_a_password_matches_its_own_hash_only() -> None:
    stored = await passwords.hashed("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await passwords.matches("correct horse battery", stored=stored)
    assert not await passwords.matches("correct horse batterY", stored=stored)


async def test_nobodys_password_is_looked_at_too(hasher: CountingHasher) -> None:
    assert not await passwords.matches("correct horse battery", stored=None)
    assert hasher.verified == 1


async def test_a_text_that_is_too_long_is_nobodys_password() -> None:
    stored = await passwords.hashed("x" * passwords.LENGTH_MAX)
    assert await passwords.matches("x" * passwords.LENGTH_MAX, stored=stored)
    assert not await passwords.matches("x" * (passwords.LENGTH_MAX + 1), stored=stored)
    assert not await passwords.matches("x" * 10_000_000, stored=stored)


async def test_bytes_of_a_terminal_that_are_no_text_are_a_password_too() -> None:
    stored = await passwords.hashed("caf\udce9 au lait noir")
    assert await passwords.matches("caf\udce9 au lait noir", stored=stored)


async def test_two_are_hashed_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=60)
    counted = threading.Lock()
    running: list[int] = []
    peaks: list[int] = []

    class Meeting(CountingHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            with counted:
                running.append(1)
                peaks.append(len(running))
            # Nobody goes on alone, so two do run at the same time.
            both.wait()
            try:
                return super().verify(hash, password)
            finally:
                with counted:
                    running.pop()

    monkeypatch.setattr(passwords, "_hasher", Meeting())
    await asyncio.gather(*(passwords.matches("x", stored=None) for _ in range(8)))
    assert (len(peaks), max(peaks)) == (8, 2)


def test_who_finds_no_place_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_places", threading.BoundedSemaphore(2))
    with passwords.place(), passwords.place(), pytest.raises(Overloaded), passwords.place():
        pass
    with passwords.place():
        assert passwords._places.acquire(blocking=False)
