"""How the tests run the real command: in a process of its own, on a data directory of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

PATIENCE_SECONDS = 30.0
COMMAND = (sys.executable, "-m", "unisono")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


def environment(place: Path | None) -> dict[str, str]:
    """The environment of a command: no setting but its place."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNISONO_")}
    return kept if place is None else kept | {"UNISONO_DATA_DIRECTORY": str(place)}


def run(*arguments: str, place: Path) -> Ended:
    """Run a command to its end, in a process of its own."""
    ended = subprocess.run(
        [*COMMAND, *arguments],
        env=environment(place),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return Ended(code=ended.returncode, out=ended.stdout, err=ended.stderr)


def refusal(*arguments: str, place: Path) -> str:
    """Run a wrong command in a process of its own, and return the one line that it says."""
    ended = run(*arguments, place=place)
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    return line.removeprefix("unisono: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running ``serve``: its process, its address, and what it said at its start."""

    process: subprocess.Popen[str]
    address: str
    welcome: str

    def status(self, path: str, *, key: str | None = None) -> int:
        """The status of the answer to a GET."""
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        return httpx2.get(f"{self.address}{path}", headers=headers).status_code

    def end(self, number: int = signal.SIGINT) -> tuple[int, float]:
        """Send a signal; return the exit code, and the seconds until the process had ended."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS), time.monotonic() - began


@contextmanager
def serving(place: Path, *arguments: str) -> Iterator[Served]:
    """Run ``serve`` on a free port; it is killed in the end."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *arguments],
        env=environment(place),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            welcome = ""
            while "Ctrl-C" not in welcome:
                line = process.stdout.readline()
                assert line
                welcome += line
            found = ADDRESS.search(welcome)
            assert found is not None
            served = Served(process=process, address=found[0], welcome=welcome)
            wait_for(lambda: _is_ready(served))
            yield served
        finally:
            process.kill()


@contextmanager
def working(place: Path) -> Iterator[subprocess.Popen[str]]:
    """Run ``work``; it is killed in the end."""
    with subprocess.Popen(
        [*COMMAND, "work"], env=environment(place), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().endswith("works, until Ctrl-C\n")
            yield process
        finally:
            process.kill()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    """The further serving processes of a process."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == pid and b"serve-beside" in command:
                found.append(int(folder.name))
    return found


def _is_ready(served: Served) -> bool:
    try:
        return served.status("/health/ready") == 200
    except httpx2.TransportError:
        return False
