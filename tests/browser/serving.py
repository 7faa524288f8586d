"""A real server for browsers: in a thread of its own, on a free port of this machine."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.browser.seeding import Shop
from unisono import app
from unisono.api import serving
from unisono.core.database import Database
from unisono.core.settings import Settings

PATIENCE_SECONDS = 20
SETTINGS = replace(
    Settings(),
    port=0,
    retailer_name="Maison Élan",
    retailer_contact="aide@elan.example",
    time_zone="Europe/Paris",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running server, and what is in its database."""

    address: str
    shop: Shop

    def at(self, path: str) -> str:
        """Return the address of a page; in its path, ``{names}`` are those of the shop."""
        return self.address + path.format_map(self.shop.names)


@contextmanager
def running(url: str, shop: Shop) -> Iterator[Site]:
    """Serve the database at ``url``, with workers, until the block ends."""
    ending, begun = asyncio.Event(), threading.Event()
    failed: list[BaseException] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        database = Database(SETTINGS, url=url)
        await database.open()
        try:
            served = app.build(SETTINGS, database, workers=True, ending=ending)
            async with served.lifespan():
                begun.set()
                await serving.serve(served, [listening], ending)
        finally:
            await database.close()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as problem:  # noqa: BLE001 - told by the thread that waits for it
            failed.append(problem)
        finally:
            begun.set()

    with serving.bind(SETTINGS) as listening:
        thread = threading.Thread(target=run, name="site")
        thread.start()
        assert begun.wait(PATIENCE_SECONDS)
        try:
            if not failed:
                host, port = listening.getsockname()
                yield Site(address=f"http://{host}:{port}", shop=shop)
        finally:
            if not failed:
                loops[0].call_soon_threadsafe(ending.set)
            thread.join(PATIENCE_SECONDS)
    if failed:
        raise failed[0]
