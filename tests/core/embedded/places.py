"""What the tests of the embedded PostgreSQL share: places for data, owners, and short questions."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

import unisono
from unisono.core import embedded
from unisono.core.embedded import process

# Small and without waiting for the disk: these data live for seconds.
QUICK = embedded.ServerSettings(fsync=False, shared_buffers_mb=16, max_connections=20)
PATIENCE_SECONDS = 20.0

# Run by another process: it owns a server, and prints one line of JSON when that is ready.
OWNER = """
import json, os, sys, time
from pathlib import Path
from unisono.core import embedded
settings = embedded.ServerSettings(fsync=False, shared_buffers_mb=16, max_connections=20)
place = Path(sys.argv[1]) if len(sys.argv) > 1 else None
server = embedded.start(place, owner_note="http://127.0.0.1:8400", settings=settings)
facts = {"directory": str(server.data_directory), "url": server.url, "uid": os.geteuid()}
print(json.dumps(facts), flush=True)
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="unisono-test-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        for name in made.iterdir():
            for pid in process.processes_on(name):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(made)


def start(place: Path, note: str = "a test") -> embedded.RunningServer:
    return embedded.start(place, owner_note=note, settings=QUICK)


def query(url: str, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(text.encode())
        return cursor.fetchall() if cursor.description else []


def keep_seven(url: str) -> None:
    query(url, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS number")


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def postmaster_of(place: Path) -> int:
    return int((place / "postmaster.pid").read_text().splitlines()[0])


def first_line(owner: subprocess.Popen[str]) -> dict[str, object]:
    assert owner.stdout is not None
    facts: dict[str, object] = json.loads(owner.stdout.readline())
    return facts


@contextmanager
def owning_process(place: Path, *, then: str = "time.sleep(60)") -> Iterator[subprocess.Popen[str]]:
    """A process that owns a server and then runs ``then``; it is killed in the end."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER + then, str(place)],
        env=os.environ | {"PYTHONPATH": str(Path(unisono.__file__).parents[1])},
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        try:
            yield owner
        finally:
            owner.kill()
