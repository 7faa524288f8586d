"""The demo: a retailer opens, sells, fulfills and delivers, all through its own public API."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import uvloop
from rich.console import Console

from unisono import app
from unisono.api import serving
from unisono.core import embedded, migrate
from unisono.core.settings import Settings
from unisono.demo import story
from unisono.demo.retailer import RETAILER_CONTACT, RETAILER_NAME, TIME_ZONE
from unisono.demo.story import Stage, Wanted

DEFAULTS = Settings(
    retailer_name=RETAILER_NAME, retailer_contact=RETAILER_CONTACT, time_zone=TIME_ZONE
)
"""What the demo sets where the user does not."""
HOST = "127.0.0.1"
DATABASE = "unisono_demo"
"""The database of the demo has a name of its own: it is emptied at each start, nothing else is."""


def run(
    settings: Settings,
    wanted: Wanted,
    *,
    console: Console,
    on_signal: Callable[[int], None] | None = None,
    on_over: Callable[[], None] | None = None,
) -> int:
    """Run the demo and return its exit code: 0 when all is as it must be, else 1.

    It begins with an empty database of its own, in a data directory beside that of ``serve``, on
    this machine only. ``on_over`` is called when nothing but cleaning up is left. Raises
    DataDirectoryInUse while another demo runs, AddressTaken, EmbeddedServerFailed.
    """
    known = replace(settings, database_url=None, host=HOST, port=wanted.port)
    advice = "name another with --port, or none and any that is free is taken"
    with serving.bind(known, advice=advice) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        with embedded.start(data_directory(settings), owner_note=f"demo at {address}") as server:
            console.print(
                f"{settings.retailer_name} opens at {address}",
                highlight=False,
                soft_wrap=True,
                markup=False,
            )
            url = server.make_empty(DATABASE)
            migrate.migrate(url)
            stage = Stage(settings=known, wanted=wanted, url=url, address=address, console=console)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_serve(stage, listening, on_signal, on_over))


def data_directory(settings: Settings) -> Path:
    """Return where the demo keeps its data: beside that of ``serve``."""
    own = (settings.data_directory or embedded.default_data_directory()).resolve()
    return own.with_name("demo" if own.name != "demo" else "demo-of-demo")


async def _serve(
    stage: Stage,
    listening: socket.socket,
    on_signal: Callable[[int], None] | None,
    on_over: Callable[[], None] | None,
) -> int:
    """Serve API and workers while the story is told, until it is over or a signal comes."""
    ending = asyncio.Event()
    server = asyncio.create_task(
        app.run(
            stage.settings,
            stage.url,
            workers=True,
            sockets=[listening],
            ending=ending,
            on_signal=on_signal,
        )
    )
    telling = asyncio.create_task(story.tell(stage))
    end = asyncio.create_task(ending.wait())
    try:
        await asyncio.wait((server, telling, end), return_when=asyncio.FIRST_COMPLETED)
        return telling.result() if telling.done() else 0
    finally:
        telling.cancel()
        ending.set()
        with suppress(asyncio.CancelledError):
            await telling
        await server
        # The server listened to signals until now.
        if on_over is not None:
            on_over()
