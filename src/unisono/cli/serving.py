"""``unisono serve`` and ``unisono work``: the commands that stay."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import click
import uvloop

from unisono import __version__, app
from unisono.api import serving
from unisono.cli import installation
from unisono.cli.children import Watch, beside
from unisono.cli.ending import Ending
from unisono.cli.installation import PROGRAM, Installation
from unisono.core import logs, settings
from unisono.core.settings import Settings
from unisono.identity import keys, people

PROCESSES_MAX = 64
_BACKLOG = 2048

_Staying = Callable[[Callable[[int], None]], Coroutine[Any, Any, None]]


@click.command()
@click.option("--host", help="Address to serve on, instead of the setting's.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to serve on; 0 takes any free one."
)
@click.option(
    "--no-workers", is_flag=True, help=f"Only answer requests; `{PROGRAM} work` does the rest."
)
@click.option(
    "--processes",
    type=click.IntRange(1, PROCESSES_MAX),
    default=1,
    show_default=True,
    help="Processes that serve; the first runs the workers.",
)
@click.pass_obj
def serve(
    ending: Ending, *, host: str | None, port: int | None, no_workers: bool, processes: int
) -> None:
    """Serve the API and run the workers, until Ctrl-C.

    Without the setting database_url the embedded PostgreSQL is started and belongs to this command;
    every other command then works on it too.
    """
    known = _settings(host, port)
    note = _address(known)
    with installation.owned_by(known, note=note, processes=processes) as installed:
        listening, known = _listen(known, shared=processes > 1)
        if installed.server is not None:
            installed.server.announce(_address(known))
        click.echo(_welcome(installed, known))
        children = [
            beside(host=known.host, port=known.port, url=installed.url)
            for _ in range(processes - 1)
        ]
        with Watch(server=installed.server, children=children) as watch:
            _stay(
                lambda told: app.run(
                    known,
                    installed.url,
                    workers=not no_workers,
                    sockets=[listening],
                    on_signal=told,
                ),
                ending,
                watch,
            )


@click.command(hidden=True)
@click.option("--host", required=True)
@click.option("--port", type=int, required=True)
@click.pass_obj
def serve_beside(ending: Ending, *, host: str, port: int) -> None:
    """Serve an address together with the process that started this one."""
    known = _settings(host, port)
    listening = _shared_socket(known)
    url = known.database_url or ""
    _stay(
        lambda told: app.run(known, url, workers=False, sockets=[listening], on_signal=told),
        ending,
    )


@click.command()
@click.pass_obj
def work(ending: Ending) -> None:
    """Run the workers alone, until Ctrl-C: beside `serve --no-workers`, on any machine."""
    known = settings.load()
    logs.configure(known)
    with installation.used_by("work", stays=True) as installed:
        click.echo(f"{PROGRAM} {__version__} works, until Ctrl-C")
        with Watch(server=installed.server, children=()) as watch:
            _stay(lambda told: app.work(known, installed.url, on_signal=told), ending, watch)


def _stay(staying: _Staying, ending: Ending, watch: Watch | None = None) -> None:
    """Run until a signal, which is told to the further processes at once."""

    def told(number: int) -> None:
        ending.note(number)
        if watch is not None:
            watch.end()

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(staying(told))
    finally:
        # What follows is short, and must come to its end.
        ending.ignore()


def _settings(host: str | None, port: int | None) -> Settings:
    known = settings.load()
    logs.configure(known)
    return replace(
        known,
        host=known.host if host is None else host,
        port=known.port if port is None else port,
    )


def _listen(known: Settings, *, shared: bool) -> tuple[socket.socket, Settings]:
    """Return a listening socket, and the settings with the port that it really has."""
    listening = serving.bind(known)
    known = replace(known, port=listening.getsockname()[1])
    if not shared:
        return listening, known
    # Nobody else was there: a socket that may be shared would have joined those of a stranger.
    listening.close()
    return _shared_socket(known), known


def _shared_socket(known: Settings) -> socket.socket:
    """Return a socket of its own for this process; the kernel spreads connections over all."""
    return socket.create_server(
        (known.host, known.port),
        family=socket.AF_INET6 if ":" in known.host else socket.AF_INET,
        backlog=_BACKLOG,
        reuse_port=True,
    )


def _address(known: Settings) -> str:
    host = f"[{known.host}]" if ":" in known.host else known.host
    return f"http://{host}:{known.port}"


def _welcome(installed: Installation, known: Settings) -> str:
    address = _address(known)
    server = installed.server
    where = "as set by database_url" if server is None else str(server.data_directory)
    lines = [
        f"{PROGRAM} {__version__} serves at {address}",
        f"  console        {address}/",
        f"  documentation  {address}/docs",
        f"  database       {where}",
    ]
    has_people, has_keys = asyncio.run(_has_people_and_keys(installed))
    if not has_people:
        lines += [
            "Nobody can sign in yet; add somebody in another terminal:",
            f"  {PROGRAM} user add --email you@shop.example --name You --role administrator",
        ]
    if not has_keys:
        lines += [
            "There is no API key yet; make one in another terminal:",
            f"  {PROGRAM} key add --name first --scope all",
        ]
    return "\n".join([*lines, "Ctrl-C ends it."])


async def _has_people_and_keys(installed: Installation) -> tuple[bool, bool]:
    async with installed.transaction() as db:
        return bool(await people.listing(db)), bool(await keys.listing(db))
