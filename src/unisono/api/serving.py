"""The server: sockets that are bound before anything starts, and an end that others decide."""

import asyncio
import errno
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from litestar import Litestar

from unisono.core.errors import UnisonoError
from unisono.core.settings import Settings

GRACE_SECONDS = 1
"""How long running requests may go on when the process ends; none that is decided takes longer."""
_BACKLOG = 2048


class AddressTaken(UnisonoError):
    """Another program serves on this address."""


def bind(
    settings: Settings, *, advice: str = "name another with UNISONO_HOST and UNISONO_PORT"
) -> socket.socket:
    """Return a socket that listens on the address of the settings; port 0 takes any free one.

    Raises AddressTaken with the advice when another program has it, or when it is no address of
    this machine.
    """
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            reason = "another program uses it"
        else:
            reason = (
                os.strerror(number) if (number := problem.errno or 0) > 0 else str(problem.strerror)
            )
        message = f"port {settings.port} of {settings.host} cannot be served on: {reason}; {advice}"
        raise AddressTaken(message) from None


class _Server(uvicorn.Server):
    """A server that leaves signals to the process it is a part of."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(app: Litestar, sockets: Sequence[socket.socket], ending: asyncio.Event) -> None:
    """Serve until ``ending`` is set; then take nothing new, and let what runs come to its end."""
    server = _Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            # The lifespan is entered by `run`, where its errors keep their types.
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            # Nothing here asks who the client is, so nobody need be believed about it.
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )

    async def stop() -> None:
        await ending.wait()
        server.should_exit = True

    stopping = asyncio.create_task(stop())
    try:
        await server.serve(sockets=list(sockets))
    finally:
        stopping.cancel()
