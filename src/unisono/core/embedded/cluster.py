"""The data directory of the embedded PostgreSQL: made whole or not at all, and checked."""

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import IO
from urllib.parse import quote

from unisono.core.embedded import process
from unisono.core.embedded.errors import EmbeddedServerFailed
from unisono.core.embedded.settings import PORT
from unisono.core.embedded.wheel import MAJOR_VERSION, Account, binaries

# The one database and the one user, who may do everything in it.
DATABASE = "unisono"
USER = "unisono"

# The kernel keeps 108 bytes for the path of a socket, one of them for the end of the text.
SOCKET_PATH_BYTES_MAX = 107

_INITDB_SECONDS = 120.0
CLIENT_SECONDS = 30.0


def prepare(data_directory: Path, *, account: Account, programs: Path, sync: bool) -> bool:
    """Make sure that ``data_directory`` holds a complete cluster; True when it was created now.

    The caller owns the directory. Raises EmbeddedServerFailed, and changes nothing, when the
    place holds something else or cannot be used.
    """
    version_file = data_directory / "PG_VERSION"
    if version_file.exists():
        _check(data_directory, version_file.read_text().strip(), account)
        return False
    if data_directory.exists() and any(data_directory.iterdir()):
        reason = f"{data_directory} is not empty and holds no data of PostgreSQL"
        raise EmbeddedServerFailed(reason)
    if data_directory.is_mount():
        reason = f"{data_directory} is a mount point; choose a folder below it"
        raise EmbeddedServerFailed(reason)
    _create(data_directory, account=account, programs=programs, sync=sync)
    return True


def socket_directory_for(data_directory: Path, account: Account) -> Path:
    """The folder, 0700, of the server's socket: the data directory unless its path cannot serve.

    It cannot when the socket's path is too long for the kernel, or holds a comma, which
    separates hosts in a connection string. Then it is a short folder below the temporary folder.
    """
    if _serves(data_directory):
        return data_directory
    digest = hashlib.sha256(os.fsencode(data_directory)).hexdigest()[:16]
    name = f"unisono-{account.uid}-{digest}"
    for parent in (Path(tempfile.gettempdir()).resolve(), Path("/tmp")):  # noqa: S108 - made 0700
        folder = parent / name
        if _serves(folder) and account.first_closed_parent(folder) is None:
            break
    else:
        reason = f"{data_directory} is too long for a socket, and so is the temporary folder"
        raise EmbeddedServerFailed(reason)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    # Everybody may create names in the temporary folder: a foreign one is not trusted.
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in (os.geteuid(), account.uid):
        reason = f"{folder}, the place of its socket, belongs to somebody else"
        raise EmbeddedServerFailed(reason)
    os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    folder.chmod(0o700)
    return folder


def url_of(socket_directory: Path, database: str = DATABASE) -> str:
    """The connection string of a database over the socket in this folder."""
    host = quote(str(socket_directory), safe="")
    return f"postgresql://{USER}@/{database}?host={host}&port={PORT}"


def has_database(socket_directory: Path) -> bool:
    """Whether the database answers; not so when a first start ended before it was created."""
    options = ("--no-psqlrc", "--no-password", "--command=")
    return run_program("psql", *options, f"--dbname={url_of(socket_directory)}").returncode == 0


def create_database(socket_directory: Path, database: str = DATABASE) -> None:
    """Create a database; raises EmbeddedServerFailed when that is impossible."""
    _maintain("createdb", socket_directory, database)


def drop_database(socket_directory: Path, database: str) -> None:
    """Drop a database if it is there, and end its sessions; raises EmbeddedServerFailed."""
    _maintain("dropdb", socket_directory, "--if-exists", "--force", database)


def _maintain(program: str, socket_directory: Path, *arguments: str) -> None:
    where = (f"--host={socket_directory}", f"--port={PORT}", f"--username={USER}")
    options = ("--no-password", *where, "--maintenance-db=postgres")
    result = run_program(program, *options, *arguments)
    if result.returncode != 0:
        _fail(result)


def run_program(
    program: str,
    *arguments: str,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
    timeout_seconds: float | None = CLIENT_SECONDS,
) -> subprocess.CompletedProcess[bytes]:
    """Run a client program of ``binaries`` (``pg_dump``, ``psql``, ...) to its end.

    It runs as the caller, who reaches the socket and the caller's own files, and ends with the
    caller. The answer carries the return code, the errors as bytes, and the output when
    ``stdout`` is not given. Variables such as PGHOST are not passed on: tell it the server with
    ``--dbname=URL``. Raises subprocess.TimeoutExpired.
    """
    command = [str(binaries() / program), *arguments]
    return process.run(
        process.tied(command, at_parents_end=signal.SIGTERM),
        stdin=stdin,
        stdout=stdout,
        timeout_seconds=timeout_seconds,
    )


def _check(data_directory: Path, version: str, account: Account) -> None:
    if version != MAJOR_VERSION:
        reason = (
            f"{data_directory} was made by PostgreSQL {version}, and this is {MAJOR_VERSION}; "
            f"restore a backup into a new data directory"
        )
        raise EmbeddedServerFailed(reason)
    if data_directory.stat().st_uid != account.uid:
        reason = f"{data_directory} must belong to the user {account.name}, who runs PostgreSQL"
        raise EmbeddedServerFailed(reason)


def _create(data_directory: Path, *, account: Account, programs: Path, sync: bool) -> None:
    """Make the cluster beside its place and move it there when it is complete."""
    # Hidden, because whatever bears this name is removed.
    unfinished = data_directory.with_name(f".{data_directory.name}.unfinished")
    if unfinished.exists():
        # A first start was interrupted. Its programs end with it, but perhaps not yet.
        process.clear_the_way(unfinished, unfinished)
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    os.chown(unfinished, account.uid, account.gid)
    with process.door(unfinished, account) as (name, inherited):
        command = [str(programs / "initdb"), "-D", str(name), f"--username={USER}"]
        command += ["--auth-local=trust", "--auth-host=reject", "--no-instructions"]
        command += ["--encoding=UTF8", "--locale=C", *([] if sync else ["--no-sync"])]
        result = process.run(
            process.tied(command, at_parents_end=signal.SIGKILL, account=account),
            inherited=inherited,
            timeout_seconds=_INITDB_SECONDS,
        )
    if result.returncode != 0:
        shutil.rmtree(unfinished)
        _fail(result)
    unfinished.rename(data_directory)
    parent = os.open(data_directory.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _serves(folder: Path) -> bool:
    path = os.fsencode(folder / process.SOCKET_NAME)
    return len(path) <= SOCKET_PATH_BYTES_MAX and b"," not in path


def _fail(result: subprocess.CompletedProcess[bytes]) -> None:
    log = (result.stdout + result.stderr).decode(errors="replace")
    reason = process.fault_in(log) or f"its set-up ended with code {result.returncode}"
    raise EmbeddedServerFailed(reason, log)
