"""The PostgreSQL that unisono brings along, for everybody who has no database server.

One process owns a data directory and runs the server as long as it lives; every other process of
the machine attaches to it. The server listens on a socket in a folder of mode 0700 and on nothing
else. It ends with its owner: on Ctrl-C, on ``stop``, and by the kernel when the owner is killed.
Everything here is synchronous; ``stop`` and a restart may take seconds.
"""

import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from unisono.core.embedded import cluster, process
from unisono.core.embedded.errors import EmbeddedServerFailed
from unisono.core.embedded.lock import OwnerLock, owner_of
from unisono.core.embedded.settings import ServerSettings
from unisono.core.embedded.wheel import (
    SYSTEM_DIRECTORY,
    account_of,
    binaries_for,
    make_parents,
)

# After a kill the shared memory stays in use until the last backend has noticed.
_RETRY_SECONDS = 15.0
_RETRY_PAUSE_SECONDS = 0.1
_STOP_SECONDS = 30.0
_ATTACH_SECONDS = 30.0
_ATTACH_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """A server that runs: where its data is, how to connect, and whether this process owns it."""

    data_directory: Path
    url: str
    owned: bool


class RunningServer:
    """The server of this process; made by ``start``, a context manager that stops it."""

    def __init__(
        self, *, data_directory: Path, note: str, lock: OwnerLock, settings: ServerSettings
    ) -> None:
        """Prepare the data directory and start; ``start`` is the way here."""
        self._owner_pid = os.getpid()
        self._lock = lock
        self._note = note
        self._settings = settings
        self._account = account_of(data_directory)
        self._programs = binaries_for(self._account)
        created = cluster.prepare(
            data_directory, account=self._account, programs=self._programs, sync=settings.fsync
        )
        self._socket_directory = cluster.socket_directory_for(data_directory, self._account)
        self.facts = EmbeddedServer(
            data_directory=data_directory, url=cluster.url_of(self._socket_directory), owned=True
        )
        self._changing = threading.Lock()
        self._keeper = process.Keeper()
        self._server: subprocess.Popen[bytes] | None = None
        try:
            self._server = self._launch()
            if created or not cluster.has_database(self._socket_directory):
                cluster.create_database(self._socket_directory)
        except BaseException:
            # Also on Ctrl-C: nothing of a start that did not succeed may stay behind.
            self._end(timeout_seconds=0.0)
            raise
        lock.announce(note=note, url=self.url)

    @property
    def data_directory(self) -> Path:
        """Where the data is."""
        return self.facts.data_directory

    @property
    def url(self) -> str:
        """The connection string of the database, as libpq and psycopg take it."""
        return self.facts.url

    def make_empty(self, database: str) -> str:
        """Make a further database, without what it held before if it was there; return its URL.

        Raises EmbeddedServerFailed when that is impossible.
        """
        cluster.drop_database(self._socket_directory, database)
        cluster.create_database(self._socket_directory, database)
        return cluster.url_of(self._socket_directory, database)

    def announce(self, note: str) -> None:
        """Change what a second owner is told, for example to the HTTP address once it is known."""
        self._note = note
        self._lock.announce(note=note, url=self.url)

    def is_alive(self) -> bool:
        """Whether the server's main process runs; it restarts its own workers by itself."""
        return self._server is not None and self._server.poll() is None

    def restart_if_dead(self) -> bool:
        """Start the server again when it has died; True when that was needed and done.

        A server that was stopped stays so. May be called from any thread; takes seconds after a
        crash, so not from an event loop. Called regularly, it also keeps the server's log files
        few. Raises EmbeddedServerFailed when the server does not start; the next call tries again.
        """
        if os.getpid() != self._owner_pid:
            message = "only the process that started the server restarts it"
            raise RuntimeError(message)
        with self._changing:
            if self._server is None:
                return False
            if self.is_alive():
                process.prune_logs(self.data_directory)
                return False
            try:
                self._server = self._launch()
            except OSError as error:
                raise EmbeddedServerFailed(_sentence(error)) from error
            return True

    def stop(self, *, timeout_seconds: float = _STOP_SECONDS) -> None:
        """Shut the server down and give up the data directory; a second call does nothing.

        Sessions are ended and the data is written out; what is not done after the timeout is
        left to the recovery of the next start. In a forked child it does nothing.
        """
        if os.getpid() != self._owner_pid:
            return
        with self._changing:
            if self._server is not None:
                self._end(timeout_seconds=timeout_seconds)
                self._server = None
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it takes connections."""
        directory = self.data_directory
        deadline = time.monotonic() + _RETRY_SECONDS
        while True:
            process.clear_the_way(directory, self._socket_directory)
            process.prune_logs(directory)
            # Seconds of the file system's clock, which may lag behind by a tick.
            since = time.time() - 1
            with tempfile.TemporaryFile() as output:
                server = self._spawn(output)
                if self._becomes_ready(server):
                    return server
                output.seek(0)
                log = output.read().decode(errors="replace")
            if not process.is_passing(log) or time.monotonic() >= deadline:
                log += process.log_tail(directory, since=since)
                reason = process.fault_in(log) or f"it ended with code {server.returncode}"
                raise EmbeddedServerFailed(reason, log)
            time.sleep(_RETRY_PAUSE_SECONDS)

    def _spawn(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        apart = self._socket_directory != self.data_directory
        with process.door(self.data_directory, self._account) as (name, inherited):
            options = self._settings.options(
                data_directory=name, socket_directory=self._socket_directory if apart else name
            )
            # Fast shutdown at the owner's end: sessions end, data is written out.
            command = process.tied(
                [str(self._programs / "postgres"), *options],
                at_parents_end=signal.SIGINT,
                account=self._account,
            )
            return self._keeper.spawn(command, inherited=inherited, output=output)

    def _becomes_ready(self, server: subprocess.Popen[bytes]) -> bool:
        seconds = self._settings.start_timeout_seconds
        try:
            return process.wait_until_ready(server, self.data_directory, timeout_seconds=seconds)
        except TimeoutError:
            process.end(server, timeout_seconds=0.0)
            reason = f"it was not ready after {seconds:g} seconds"
            log = process.log_tail(self.data_directory, since=0.0)
            raise EmbeddedServerFailed(reason, log) from None
        except BaseException:
            process.end(server, timeout_seconds=0.0)
            raise

    def _end(self, *, timeout_seconds: float) -> None:
        if self._server is not None:
            process.end(self._server, timeout_seconds=timeout_seconds)
            process.clear_the_way(self.data_directory, self._socket_directory)
        self._keeper.close()
        if self._socket_directory != self.data_directory:
            self._remove_socket_directory()

    def _remove_socket_directory(self) -> None:
        for name in (process.SOCKET_NAME, f"{process.SOCKET_NAME}.lock"):
            (self._socket_directory / name).unlink(missing_ok=True)
        self._socket_directory.rmdir()


def default_data_directory() -> Path:
    """Root: ``/var/lib/unisono/default``; others: the same below their XDG data folder."""
    if os.geteuid() == 0:
        return SYSTEM_DIRECTORY / "default"
    # The XDG base directory specification: a relative path is to be ignored.
    base = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not base.is_absolute():
        base = Path.home() / ".local" / "share"
    return base / "unisono" / "default"


def start(
    data_directory: Path | None = None,
    *,
    owner_note: str,
    settings: ServerSettings | None = None,
) -> RunningServer:
    """Become the owner of a data directory, made now if it does not exist, and run its server.

    ``owner_note`` is what a second owner is told: an HTTP address, or what this process does.
    What an earlier owner left behind after a crash is cleared away. Raises DataDirectoryInUse
    when another process is the owner, and EmbeddedServerFailed with one sentence otherwise.
    """
    try:
        directory = _place(data_directory)
        make_parents(directory)
        lock = OwnerLock(directory, note=owner_note)
        try:
            return RunningServer(
                data_directory=directory,
                note=owner_note,
                lock=lock,
                settings=settings or ServerSettings(),
            )
        except BaseException:
            lock.release()
            raise
    except OSError as error:
        raise EmbeddedServerFailed(_sentence(error)) from error
    except subprocess.TimeoutExpired as error:
        reason = f"a program of its set-up did not end in {error.timeout:g} seconds"
        raise EmbeddedServerFailed(reason) from error


def attach(
    data_directory: Path | None = None, *, timeout_seconds: float = _ATTACH_SECONDS
) -> EmbeddedServer | None:
    """The server of another process on this data directory, or None when nobody owns it.

    Waits while the owner is starting. Raises EmbeddedServerFailed when that takes longer than
    the timeout, or when the directory belongs to another user.
    """
    directory = _place(data_directory)
    deadline = time.monotonic() + timeout_seconds
    try:
        while (owner := owner_of(directory)) is not None:
            if owner.url is not None:
                return EmbeddedServer(data_directory=directory, url=owner.url, owned=False)
            if time.monotonic() >= deadline:
                reason = f"its owner ({owner.note}) is not ready after {timeout_seconds:g} seconds"
                raise EmbeddedServerFailed(reason)
            time.sleep(_ATTACH_POLL_SECONDS)
    except OSError as error:
        raise EmbeddedServerFailed(_sentence(error)) from error
    return None


def _place(data_directory: Path | None) -> Path:
    place = (data_directory or default_data_directory()).resolve()
    if not place.name:
        reason = f"{place} cannot be a data directory"
        raise EmbeddedServerFailed(reason)
    return place


def _sentence(error: OSError) -> str:
    """What the system says, as a clause: ``Permission denied: /srv/data``."""
    where = "" if error.filename is None else f": {error.filename}"
    return f"{error.strerror or error}{where}"
