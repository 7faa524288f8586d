"""The application as its users run it: the command itself, as a process beside the benchmark."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

START_SECONDS_MAX = 60


@contextmanager
def serving(url: str, *arguments: str) -> Iterator[int]:
    """Run ``unisono serve`` on the database at ``url``; yield its port."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "unisono", "serve", "--port", str(port), *arguments],
        env={**os.environ, "UNISONO_DATABASE_URL": url, "UNISONO_LOG_LEVEL": "error"},
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                message = "the server did not start"
                raise RuntimeError(message)
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
