"""Further processes that serve the same address, and the thread that keeps everything running."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import structlog

from unisono.core.embedded import EmbeddedServerFailed, RunningServer
from unisono.core.embedded.process import tied

log = structlog.get_logger()

PAUSE_SECONDS = 0.5
PAUSE_SECONDS_MAX = 30.0
LIVED_SECONDS = 60.0
"""Who lived that long did not fail at its start, and is started again without a longer pause."""

_LOOK_SECONDS = 0.2
_END_SECONDS = 1.5


class Pause:
    """How long to wait before the next try: it doubles from failure to failure, up to a limit."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._until = 0.0

    @property
    def is_over(self) -> bool:
        """Whether it is time for the next try."""
        return time.monotonic() >= self._until

    def begin(self, *, anew: bool) -> None:
        """Wait from now on; ``anew`` when what failed had worked for long."""
        self._seconds = PAUSE_SECONDS if anew else max(PAUSE_SECONDS, 2 * self._seconds)
        self._seconds = min(self._seconds, PAUSE_SECONDS_MAX)
        self._until = time.monotonic() + self._seconds


class Child:
    """One further process, started again whenever it ends."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = Pause()
        self._started = 0.0

    def tend(self) -> None:
        """Start the process when it does not run and it is time to; say so when it ended."""
        process = self._process
        if process is not None and process.poll() is not None:
            log.warning("process_ended", pid=process.pid, code=process.returncode)
            self._pause.begin(anew=time.monotonic() - self._started > LIVED_SECONDS)
            self._process = None
        if self._process is None and self._pause.is_over:
            self._started = time.monotonic()
            # Also when this process is killed, the kernel tells the child to end.
            self._process = subprocess.Popen(
                tied(self._command, at_parents_end=signal.SIGTERM),
                env=self._environment,
                stdin=subprocess.DEVNULL,
            )

    def tell_to_end(self) -> None:
        """Ask the process to end in order."""
        if self._process is not None:
            self._process.terminate()

    def wait(self, *, until: float) -> None:
        """Wait for the end of the process, and end it by force when the time is over."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Watch:
    """A thread that restarts what died: the embedded server, and the further processes.

    It spawns the processes, and lives as long as they should: the kernel ends them with it.
    """

    def __init__(self, *, server: RunningServer | None, children: Sequence[Child]) -> None:
        self._server = server
        self._children = children
        self._pause = Pause()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        self._thread.join()

    def end(self) -> None:
        """Restart nothing any more, and let all processes end; returns at once."""
        self._ending.set()

    def _work(self) -> None:
        while not self._ending.wait(_LOOK_SECONDS):
            self._tend_server()
            for child in self._children:
                child.tend()
        for child in self._children:
            child.tell_to_end()
        until = time.monotonic() + _END_SECONDS
        for child in self._children:
            child.wait(until=until)

    def _tend_server(self) -> None:
        if self._server is None or not self._pause.is_over:
            return
        try:
            if self._server.restart_if_dead():
                log.warning("database_restarted")
        except EmbeddedServerFailed as problem:
            log.error("database_not_restarted", reason=problem.reason)  # noqa: TRY400 - no trace: the reason is what PostgreSQL said
            self._pause.begin(anew=False)


def beside(*, host: str, port: int, url: str) -> Child:
    """Return a further process for an address that is already served."""
    command = [sys.executable, "-m", "unisono", "serve-beside", "--host", host, "--port", str(port)]
    return Child(command, {**os.environ, "UNISONO_DATABASE_URL": url})
