"""PostgreSQL as processes of the system: spawned, waited for, and cleared away after a crash."""

import contextlib
import os
import queue
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO

from unisono.core.embedded.settings import PORT
from unisono.core.embedded.wheel import Account

SOCKET_NAME = f".s.PGSQL.{PORT}"
PID_FILE = "postmaster.pid"
LOG_FILES_MAX = 5
LOG_TAIL_BYTES = 4096

_CHILD_PROGRAM = Path(__file__).with_name("child.py")
_POLL_SECONDS = 0.01
_SPAWN_SECONDS = 30.0
# How long an orphan may take for each way of being told to end, from polite to final.
_FAST_SHUTDOWN_SECONDS = 10.0
_QUIT_SECONDS = 3.0
_KILL_SECONDS = 3.0
# Lines of the pid file, see pg_ctl: the process, and what the server says about itself.
_PID_LINE = 0
_STATUS_LINE = 7
# A leftover of a crash still holds what the new server needs; it goes away by itself.
_ENDED_CLIENT = "terminating connection"
_PASSING = re.compile(r"pre-existing shared memory block|lock file .* already exists")
_FAULT = re.compile(r"(?:(?:FATAL|PANIC|ERROR|error): +|^postgres: )(.+)", re.MULTILINE)

_Order = tuple[Sequence[str], Sequence[int], IO[bytes], Future[subprocess.Popen[bytes]]]


class Keeper:
    """A thread that spawns the server and lives as long as it should.

    The kernel ends the server when the *thread* that spawned it ends. This one ends with the
    process or at ``close``, so a server may be started and restarted from any thread.
    """

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="postgresql-keeper", daemon=True)
        self._thread.start()

    def spawn(
        self, command: Sequence[str], *, inherited: Sequence[int], output: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start a program whose standard output and error go to ``output``.

        ``inherited`` are the numbers of the open files that it gets beside them.
        """
        answer: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((command, inherited, output, answer))
        return answer.result(timeout=_SPAWN_SECONDS)

    def close(self) -> None:
        """End the thread; a server that still runs is told to end by the kernel."""
        self._orders.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            command, inherited, output, answer = order
            try:
                answer.set_result(_spawn(command, inherited, output))
            except OSError as error:
                answer.set_exception(error)


@contextlib.contextmanager
def door(directory: Path, account: Account) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """A name by which ``account`` reaches a folder of its own, and what a program inherits for it.

    Root may keep the data below a folder that is closed to the server's user, such as its own
    home. The server then gets the data directory as an open file, and calls it by that.
    """
    if account.first_closed_parent(directory) is None:
        yield directory, ()
        return
    number = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Path("/proc/self/fd") / str(number), (number,)
    finally:
        os.close(number)


def tied(
    arguments: Sequence[str], *, at_parents_end: int, account: Account | None = None
) -> list[str]:
    """The command that runs ``arguments`` for no longer than the process that spawns it.

    ``at_parents_end`` is the number of the signal that the program gets then. Without
    ``account`` it runs as the caller's own user.
    """
    uid, gid = (account.uid, account.gid) if account else (os.geteuid(), os.getegid())
    numbers = (os.getpid(), uid, gid, at_parents_end)
    return [
        sys.executable,
        # Without the environment and site packages it starts in a third of the time.
        "-I",
        "-S",
        str(_CHILD_PROGRAM),
        *(str(number) for number in numbers),
        *arguments,
    ]


def run(
    command: Sequence[str],
    *,
    inherited: Sequence[int] = (),
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
    timeout_seconds: float | None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end; without ``stdout`` its output is part of the answer.

    Raises subprocess.TimeoutExpired, after ending the program.
    """
    return subprocess.run(
        command,
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
        pass_fds=inherited,
        start_new_session=True,
        timeout=timeout_seconds,
        check=False,
    )


def wait_until_ready(
    server: subprocess.Popen[bytes], data_directory: Path, *, timeout_seconds: float
) -> bool:
    """Whether the server takes connections; False when it ended. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_seconds
    while server.poll() is None:
        lines = _lines(data_directory / PID_FILE)
        if len(lines) > _STATUS_LINE and lines[_PID_LINE].strip() == str(server.pid):
            status = lines[_STATUS_LINE].strip()
            if status == "ready":
                return True
        if time.monotonic() >= deadline:
            raise TimeoutError
        time.sleep(_POLL_SECONDS)
    return False


def end(server: subprocess.Popen[bytes], *, timeout_seconds: float) -> None:
    """Shut the server down: fast, after the timeout at once, and at last by force."""
    for number, seconds in (
        (signal.SIGINT, timeout_seconds),
        (signal.SIGQUIT, _QUIT_SECONDS),
        (signal.SIGKILL, _KILL_SECONDS),
    ):
        server.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(seconds)
            return


def clear_the_way(data_directory: Path, socket_directory: Path) -> None:
    """End what an earlier server left on this data directory, and remove what lies about it.

    The caller owns the directory, so no server of another unisono can be among them.
    """
    postmaster = _pid_in(data_directory / PID_FILE)
    if postmaster is not None and is_postgres_on(data_directory, postmaster):
        _end_all([postmaster], signal.SIGINT, _FAST_SHUTDOWN_SECONDS)
    for number, seconds in ((signal.SIGQUIT, _QUIT_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        _end_all(processes_on(data_directory), number, seconds)
    # PostgreSQL takes any process with the number in such a file for a running server. After a
    # restart of the machine, or of a container, that number belongs to somebody else.
    for name in (data_directory / PID_FILE, socket_directory / f"{SOCKET_NAME}.lock"):
        pid = _pid_in(name)
        if pid is None or not is_postgres_on(data_directory, pid):
            name.unlink(missing_ok=True)


def processes_on(data_directory: Path) -> list[int]:
    """The process ids of every PostgreSQL process that works in this data directory."""
    numbers = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdecimal()]
    return [pid for pid in numbers if is_postgres_on(data_directory, pid)]


def is_postgres_on(data_directory: Path, pid: int) -> bool:
    """Whether this process is a PostgreSQL process of this data directory, and no zombie."""
    process = Path("/proc") / str(pid)
    try:
        if process.joinpath("comm").read_text().strip() != "postgres":
            return False
        # All of them work in the data directory; a folder is the same by number, not by name.
        return os.path.samestat(process.joinpath("cwd").stat(), data_directory.stat())
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False


def is_passing(log: str) -> bool:
    """Whether a start failed for a reason that goes away by itself shortly after a crash."""
    return _PASSING.search(log) is not None


def fault_in(log: str) -> str | None:
    """The last thing that PostgreSQL calls an error in its log, as a clause.

    That it ended a client is no reason of its own: such a line is of the server that ran before.
    """
    found = [line for line in _FAULT.findall(log) if not line.startswith(_ENDED_CLIENT)]
    return found[-1].strip().rstrip(".") if found else None


def log_tail(data_directory: Path, *, since: float) -> str:
    """The end of what the server logged, when its newest log is not older than ``since``."""
    logs = _logs(data_directory)
    if not logs or logs[-1].stat().st_mtime < since:
        return ""
    with logs[-1].open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
        return file.read().decode(errors="replace")


def prune_logs(data_directory: Path) -> None:
    """Remove all but the newest log files: with their rotation by size, 50 MB in all."""
    for old in _logs(data_directory)[:-LOG_FILES_MAX]:
        old.unlink(missing_ok=True)


def _logs(data_directory: Path) -> list[Path]:
    folder = data_directory / "log"
    try:
        # Root follows no link that the server's user may have put in this place.
        if not stat.S_ISDIR(folder.lstat().st_mode):
            return []
    except FileNotFoundError:
        return []
    return sorted(folder.glob("postgresql-*.log"))


def _spawn(
    command: Sequence[str], inherited: Sequence[int], output: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=_environment(),
        cwd="/",
        pass_fds=inherited,
        # Ctrl-C in a terminal goes to the whole session; the server ends last, when told to.
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PGHOST and its like would lead the programs to another server."""
    # English messages, which ``is_passing`` and ``fault_in`` read.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def _end_all(pids: list[int], number: int, seconds: float) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    deadline = time.monotonic() + seconds
    while any(not _is_gone(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _is_gone(pid: int) -> bool:
    # In a container this process may be number 1, which inherits orphans and must reap them.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        facts = Path("/proc", str(pid), "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    # The state follows the name, which stands in parentheses; a zombie holds nothing any more.
    return facts.rpartition(")")[2].split()[0] in ("Z", "X")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _pid_in(path: Path) -> int | None:
    lines = _lines(path)
    if not lines or not lines[_PID_LINE].strip().isdecimal():
        return None
    return int(lines[_PID_LINE])
