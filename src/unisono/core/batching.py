"""Gathering: concurrent requests wait in one bounded queue and are decided together.

One writer per gatherer takes everything that waits, up to a bound, and hands it to the use case as
a list. It starts as soon as it is idle: a lone request never waits for company.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from unisono.core.errors import Overloaded

Q = TypeVar("Q")
A = TypeVar("A")


class Gatherer(Generic[Q, A]):
    """A queue in front of a use case that takes a list and answers each item in the same order.

    At most ``batch_max`` items are decided together and at most ``queue_max`` wait; none is decided
    that waited longer than ``wait_seconds``.

    An answer that is an exception is raised to the one request it belongs to; an exception of the
    whole call is raised to all requests of that batch.
    """

    def __init__(
        self,
        decide: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]],
        *,
        batch_max: int,
        queue_max: int,
        wait_seconds: float,
    ) -> None:
        """Remember the use case and the bounds; ``start`` begins the work."""
        self._decide = decide
        self._batch_max = batch_max
        self._queue_max = queue_max
        self._wait_seconds = wait_seconds
        self._waiting: deque[tuple[float, Q, asyncio.Future[A]]] = deque()
        self._arrived = asyncio.Event()
        self._closing = False
        self._writer: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many items wait to be decided."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to decide what waits."""
        self._writer = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Decide what already waits, take nothing more, and end."""
        self._closing = True
        self._arrived.set()
        if self._writer is not None:
            await self._writer

    def submit(self, item: Q) -> asyncio.Future[A]:
        """Put an item in the queue and return the future of its answer.

        Raises Overloaded when the queue is full or the process is closing: nothing was taken.
        """
        if self._closing or len(self._waiting) >= self._queue_max:
            message = "too many requests wait already; send this one again shortly"
            raise Overloaded(message)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        self._waiting.append((loop.time(), item, answer))
        self._arrived.set()
        return answer

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            if batch := self._next_batch():
                await self._settle(batch)

    def _next_batch(self) -> list[tuple[Q, asyncio.Future[A]]]:
        """Take what waits, up to the bound; what waited too long is told so and never decided."""
        latest = asyncio.get_running_loop().time() - self._wait_seconds
        batch: list[tuple[Q, asyncio.Future[A]]] = []
        while self._waiting and len(batch) < self._batch_max:
            arrived, item, answer = self._waiting.popleft()
            if arrived >= latest:
                batch.append((item, answer))
            elif not answer.done():
                message = "the request waited too long and was not decided; send it again"
                answer.set_exception(Overloaded(message))
        return batch

    async def _settle(self, batch: list[tuple[Q, asyncio.Future[A]]]) -> None:
        answers: Sequence[A | Exception]
        try:
            answers = await self._decide([item for item, _ in batch])
            settled = list(zip(batch, answers, strict=True))
        except Exception as problem:  # noqa: BLE001 - it is raised again, to every request of the batch
            settled = [(each, problem) for each in batch]
        for (_, future), answer in settled:
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
