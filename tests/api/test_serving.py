"""A real server on loopback: bodies in pieces, clients that hang up, and the end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.api import probe
from unisono import app
from unisono.api import serving
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys

GOOD = b'{"lines":[{"sku":"A","quantity":1}]}'
PATHS = ["/v1/normal", "/v1/hot"]
PROCESS = """
import asyncio, sys
from unisono import app
from unisono.api import serving
from unisono.core.settings import Settings
settings = Settings(port=0)
socket = serving.bind(settings)
print(socket.getsockname()[1], flush=True)
asyncio.run(app.run(settings, sys.argv[1], workers=True, sockets=[socket]))
print("ended in order", flush=True)
"""


@asynccontextmanager
async def _served(database: Database) -> AsyncIterator[tuple[int, str]]:
    """The port and a key of a server of the probe."""
    async with database.transaction() as db:
        key = await keys.add(db, name="test", scopes=["orders:read", "orders:write"])
    settings = Settings(port=0)
    ending = asyncio.Event()
    built = app.build(settings, database, areas=(probe.area,), pages=(), ending=ending)
    socket = serving.bind(settings)
    port = socket.getsockname()[1]
    async with built.lifespan():
        server = asyncio.create_task(serving.serve(built, [socket], ending))
        yield port, key.key
        ending.set()
        await server


async def _exchange(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.lower().splitlines()
            if line.startswith(b"content-length")
        )
        return head + await reader.readexactly(length)
    finally:
        writer.close()


def _head(path: str, key: str, *more: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {key}"]
    return "\r\n".join([*lines, "Content-Type: application/json", *more, "", ""]).encode()


def _chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_in_pieces_is_taken(database: Database, path: str) -> None:
    async with _served(database) as (port, key):
        request = _head(path, key, "Transfer-Encoding: chunked") + _chunked(GOOD[:9], GOOD[9:])
        answer = await _exchange(port, request)
    assert answer.startswith(b"HTTP/1.1 201")
    assert answer.endswith(b'{"lines":1,"version":3}')
    assert await probe.written(database) == 1


async def test_a_body_that_never_says_its_size_is_stopped_at_the_limit(database: Database) -> None:
    async with _served(database) as (port, key):
        answers = []
        for path in PATHS:
            request = _head(path, key, "Transfer-Encoding: chunked")
            answers.append(await _exchange(port, request + _chunked(*[b" " * 100_000] * 21)))
    bodies = [answer.partition(b"\r\n\r\n")[2] for answer in answers]
    assert all(answer.startswith(b"HTTP/1.1 413") for answer in answers)
    assert bodies[0] == bodies[1]
    assert await probe.written(database) == 0


@pytest.mark.parametrize("path", PATHS)
async def test_a_client_that_hangs_up_in_the_middle_changes_nothing(
    database: Database, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with _served(database) as (port, key):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_head(path, key, "Content-Length: 1000") + GOOD)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            live = await client.get("/health/live")
    assert live.status_code == 200
    assert "unexpected" not in capsys.readouterr().out
    assert await probe.written(database) == 0


async def test_a_taken_port_is_told_in_one_sentence() -> None:
    with serving.bind(Settings(port=0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(serving.AddressTaken) as refused:
            serving.bind(Settings(port=port))
    assert refused.value.detail == (
        f"port {port} of 127.0.0.1 cannot be served on: another program uses it; "
        "name another with UNISONO_HOST and UNISONO_PORT"
    )


async def test_who_names_the_port_in_another_way_is_advised_so() -> None:
    with serving.bind(Settings(port=0)) as taken:
        known = Settings(port=taken.getsockname()[1])
        with pytest.raises(serving.AddressTaken, match=r"another program uses it; name --port$"):
            serving.bind(known, advice="name --port")


async def test_an_address_of_another_machine_is_told_in_one_sentence() -> None:
    with pytest.raises(serving.AddressTaken, match=r"192\.0\.2\.1 cannot be served on"):
        serving.bind(Settings(host="192.0.2.1"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_ends_in_order_however_often_it_is_told(
    database_url: str, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROCESS, database_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        # The socket listens already: this waits until the application answers.
        assert httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=60).status_code == 200
        process.send_signal(number)
        process.send_signal(number)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out) == (0, "ended in order\n")
    assert "Traceback" not in err


def test_without_a_database_the_process_does_not_begin() -> None:
    process = subprocess.run(
        [sys.executable, "-c", PROCESS, "postgresql://nobody@127.0.0.1:1/none"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert process.returncode == 1
    assert process.stderr.splitlines()[-1].startswith("unisono.core.database.DatabaseUnusable")
