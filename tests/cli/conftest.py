"""The command run in this process, and one migrated data directory for many tests."""

import io
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.cli.commands import Ended
from unisono.cli import command
from unisono.cli.ending import Ending
from unisono.core import embedded, migrate
from unisono.core.embedded import process


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("command") / "data"
    with embedded.start(place, owner_note="a test") as server:
        migrate.migrate(server.url)
    return place


@pytest.fixture
def place(cluster: Path) -> Iterator[Path]:
    """The data directory, with no server on it before and after the test."""
    yield cluster
    for pid in process.processes_on(cluster):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def unisono(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """Run a command in this process, with these settings alone."""

    def run(*arguments: str, given: str = "", **settings: object) -> Ended:
        for name in list(os.environ):
            if name.startswith("UNISONO_"):
                monkeypatch.delenv(name)
        for name, value in settings.items():
            monkeypatch.setenv(f"UNISONO_{name.upper()}", str(value))
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code = command.run(list(arguments), Ending())
        told = capsys.readouterr()
        return Ended(code=code, out=told.out, err=told.err)

    yield run
    # Logs would go on to the output that this test captured.
    structlog.reset_defaults()


@pytest.fixture
def refused(unisono: Callable[..., Ended]) -> Callable[..., str]:
    """Run a wrong command in this process, and return the one line that it says."""

    def run(*arguments: str, **settings: object) -> str:
        ended = unisono(*arguments, **settings)
        assert (ended.code, ended.out) == (2, "")
        (line,) = ended.err.splitlines()
        return line.removeprefix("unisono: ")

    return run
