"""Pages that stay live: parts of them, sent again whenever they have changed.

A stream holds no connection to the database between two looks. It ends with the process, with the
session of its visitor, and when its page is closed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from litestar import Response
from litestar.response import Stream

from unisono.console.visits import SESSION_COOKIE, Visit
from unisono.core.errors import Overloaded
from unisono.identity import sessions

PAUSE_SECONDS = 1.0
_STILL_THERE_EVERY = 15
"""Looks without news after which a line is sent, so that a closed page is noticed."""


@dataclass(slots=True)
class Streams:
    """How many streams this process has."""

    count: int = 0


class Shared:
    """A part that looks the same to everybody who reads its language, rendered once for all.

    However many pages are open, the database is asked once in PAUSE_SECONDS; a page that is closed
    meanwhile interrupts nothing.
    """

    def __init__(self) -> None:
        """Begin without anything rendered."""
        self._kept: dict[str, tuple[float, asyncio.Task[str]]] = {}

    async def rendered(self, language: str, part: Callable[[], Coroutine[Any, Any, str]]) -> str:
        """Return what ``part`` renders, or rendered a moment ago."""
        kept = self._kept.get(language)
        if kept is None or kept[0] <= time.monotonic():
            kept = (time.monotonic() + PAUSE_SECONDS, asyncio.create_task(part()))
            self._kept[language] = kept
        return await asyncio.shield(kept[1])


def stream(visit: Visit, part: Callable[[], Awaitable[str]]) -> Response[Any]:
    """Return a stream of server-sent events of what ``part`` renders, while it changes.

    The part stands in its page as it would stand without the stream. Raises Overloaded when this
    process has ``streams_max`` already.
    """
    opened: Streams = visit.app.state.setdefault("streams", Streams())
    if opened.count >= visit.settings.streams_max:
        message = f"{opened.count} pages are kept live already"
        raise Overloaded(message)
    return Stream(
        _events(visit, part, opened),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(
    visit: Visit, part: Callable[[], Awaitable[str]], opened: Streams
) -> AsyncIterator[str]:
    ending: asyncio.Event = visit.app.state.ending
    opened.count += 1
    try:
        shown, silent = "", 0
        while not ending.is_set() and await _is_signed_in(visit):
            now = await part()
            if now != shown:
                shown, silent = now, 0
                yield _event(now)
            elif (silent := silent + 1) % _STILL_THERE_EVERY == 0:
                yield ": still there\n\n"
            await _pause(ending)
    finally:
        opened.count -= 1


async def _is_signed_in(visit: Visit) -> bool:
    token = visit.cookies.get(SESSION_COOKIE)
    if token is None:
        return False
    return await sessions.signed_in(visit.database, token=token) is not None


async def _pause(ending: asyncio.Event) -> None:
    waiting = asyncio.create_task(ending.wait())
    await asyncio.wait((waiting,), timeout=PAUSE_SECONDS)
    waiting.cancel()


def _event(content: str) -> str:
    """Return a message without a name: the page swaps it in."""
    return "".join(f"data: {line}\n" for line in content.splitlines()) + "\n"
