"""Who owns a data directory: one process at a time, by a lock on a file beside it.

The file ``<data directory>.lock`` is never removed, because a lock on a removed file guards
nothing. While it is locked it holds one line of JSON: the owner's process id, its note (an HTTP
address or what it does) and the URL of the server, null until the server is ready.
"""

import fcntl
import json
import os
import time
import weakref
from dataclasses import dataclass
from pathlib import Path

from unisono.core.embedded.errors import DataDirectoryInUse

# A process that only asks whether there is an owner holds the lock for an instant.
_ACQUIRE_SECONDS = 0.5
_POLL_SECONDS = 0.02
_CONTENT_BYTES = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What the owner of a data directory says about itself."""

    pid: int
    note: str
    url: str | None


class OwnerLock:
    """The lock of this process on one data directory."""

    def __init__(self, data_directory: Path, *, note: str) -> None:
        """Take the lock, or raise DataDirectoryInUse with the note of the owner."""
        self._file = os.open(
            _lock_path(data_directory), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        deadline = time.monotonic() + _ACQUIRE_SECONDS
        while not _lock(self._file, fcntl.LOCK_EX):
            if time.monotonic() >= deadline:
                owner = _read(self._file)
                os.close(self._file)
                raise DataDirectoryInUse(data_directory, owner.note)
            time.sleep(_POLL_SECONDS)
        _held.add(self)
        self.announce(note=note, url=None)

    def announce(self, *, note: str, url: str | None) -> None:
        """Say who owns the directory and where the server is."""
        text = json.dumps({"pid": os.getpid(), "note": note, "url": url}) + "\n"
        content = text.encode()
        # Readers take the first line, so what is left of a longer one never confuses them.
        os.pwrite(self._file, content, 0)
        os.ftruncate(self._file, len(content))

    def release(self) -> None:
        """Give the directory up."""
        _held.discard(self)
        os.ftruncate(self._file, 0)
        fcntl.flock(self._file, fcntl.LOCK_UN)
        os.close(self._file)

    def forget(self) -> None:
        """Close the copy that a forked child got, so that only the owner itself keeps the lock."""
        os.close(self._file)


def owner_of(data_directory: Path) -> Owner | None:
    """The running owner of a data directory, or None.

    Raises PermissionError when the directory belongs to another user.
    """
    try:
        file = os.open(_lock_path(data_directory), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if _lock(file, fcntl.LOCK_SH):
            return None
        return _read(file)
    finally:
        os.close(file)


def _lock_path(data_directory: Path) -> Path:
    return data_directory.with_name(data_directory.name + ".lock")


def _lock(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(file: int) -> Owner:
    line, end, _ = os.pread(file, _CONTENT_BYTES, 0).partition(b"\n")
    if not end:
        # Locked, but the owner has said nothing yet, or nothing any more.
        return Owner(pid=0, note="it is starting or stopping", url=None)
    facts = json.loads(line)
    return Owner(pid=facts["pid"], note=facts["note"], url=facts["url"])


_held: weakref.WeakSet[OwnerLock] = weakref.WeakSet()


def _forget_all() -> None:
    for lock in list(_held):
        lock.forget()
    _held.clear()


# A forked worker that outlives a killed owner would otherwise keep the directory locked.
os.register_at_fork(after_in_child=_forget_all)
