"""What a process remembers, for seconds, of who comes with which secret.

It saves most requests a look into the database. What is ended in another process may be trusted
that much longer; what is changed in this one is doubted at once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

ENTRIES_MAX = 10_000
"""Secrets, known or refused, that are remembered; beyond that the oldest are forgotten."""

DOUBT_SECONDS = 60.0
"""How long somebody who is being changed is looked up every time: longer than a transaction."""


class Known(Protocol):
    """Somebody who can be told apart."""

    @property
    def id(self) -> UUID:
        """Whose secret it is."""


W = TypeVar("W", bound=Known)


class Remembered(Generic[W]):
    """By the hash of a secret: who comes with it, or None when nobody may, and until when."""

    def __init__(self) -> None:
        """Begin without any memory."""
        self._held: dict[bytes, tuple[float, W | None]] = {}
        self._asked: dict[bytes, asyncio.Task[W | None]] = {}
        self._doubted: dict[UUID, float] = {}

    def __len__(self) -> int:
        """Return how many secrets are remembered."""
        return len(self._held)

    async def who(
        self, digest: bytes, ask: Callable[[], Awaitable[tuple[W | None, float]]]
    ) -> W | None:
        """Return who comes with the secret of that hash; ``ask`` looks it up where needed.

        It returns who it is, and for how many seconds that may be trusted.
        """
        held = self._held.get(digest)
        if held is not None and held[0] > time.monotonic():
            return held[1]
        self._doubted = {who: until for who, until in self._doubted.items() if _is_ahead(until)}
        if self._doubted:
            # A look that began before a change must not answer who comes after it.
            return await self._look(digest, ask)
        return await self._look_once(digest, ask)

    def doubt(self, who: UUID) -> None:
        """Trust nothing that is remembered of somebody, nor what is read of him for a minute.

        Call it inside the transaction that changes him: others read the old state until its end,
        and the truth if it is undone.
        """
        self._doubted[who] = time.monotonic() + DOUBT_SECONDS
        self._asked.clear()
        self._held = {
            digest: (until, held)
            for digest, (until, held) in self._held.items()
            if held is None or held.id != who
        }

    async def _look_once(
        self, digest: bytes, ask: Callable[[], Awaitable[tuple[W | None, float]]]
    ) -> W | None:
        """Let all requests that come with the same secret wait for one look."""
        task = self._asked.get(digest)
        if task is None:
            task = asyncio.create_task(self._look(digest, ask))
            self._asked[digest] = task
            task.add_done_callback(lambda ended: self._forget_look(digest, ended))
        # One client that hangs up must not take the answer from the others.
        return await asyncio.shield(task)

    def _forget_look(self, digest: bytes, ended: asyncio.Task[W | None]) -> None:
        if self._asked.get(digest) is ended:
            del self._asked[digest]

    async def _look(
        self, digest: bytes, ask: Callable[[], Awaitable[tuple[W | None, float]]]
    ) -> W | None:
        who, seconds = await ask()
        if who is not None and who.id in self._doubted:
            return who
        self._held.pop(digest, None)
        while len(self._held) >= ENTRIES_MAX:
            del self._held[next(iter(self._held))]
        self._held[digest] = (time.monotonic() + seconds, who)
        return who


def of_process(memory: dict[object, Any], kind: type[W]) -> Remembered[W]:
    """Return what this process remembers of that kind of somebody, in a database's memory."""
    key = (Remembered, kind)
    held: Remembered[W] | None = memory.get(key)
    if held is None:
        held = memory[key] = Remembered()
    return held


def _is_ahead(moment: float) -> bool:
    return moment > time.monotonic()
