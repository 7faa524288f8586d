"""The embedded PostgreSQL has one owner, and survives every way in which the two can end."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from tests.core.embedded.places import (
    PATIENCE_SECONDS,
    QUICK,
    first_line,
    keep_seven,
    open_folder,
    owning_process,
    postmaster_of,
    query,
    start,
    wait_for,
)
from unisono.core import embedded
from unisono.core.embedded import process, wheel
from unisono.core.embedded.lock import OwnerLock

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A data directory that had its first start, which is most of what a test would wait for."""
    with open_folder() as made:
        start(made / "data").stop()
        yield made / "data"


@pytest.fixture
def place(cluster: Path) -> Iterator[Path]:
    """The data directory of ``cluster``, with no server on it before and after the test."""
    yield cluster
    for pid in process.processes_on(cluster):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def owners() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start other processes that own a server; they are killed after the test."""
    with ExitStack() as stack:
        yield lambda place, **more: stack.enter_context(owning_process(place, **more))


def test_a_second_owner_is_refused_with_the_address_of_the_first(
    place: Path, owners: Callable[..., subprocess.Popen[str]]
) -> None:
    url = str(first_line(owners(place))["url"])
    keep_seven(url)
    with pytest.raises(embedded.DataDirectoryInUse) as refusal:
        start(place)
    assert refusal.value.data_directory == place
    assert refusal.value.owner_note == "http://127.0.0.1:8400"
    assert str(refusal.value) == (
        f"The data directory {place} is in use by another unisono (http://127.0.0.1:8400)."
    )
    assert query(url, "SELECT number FROM kept") == [(7,)]


def test_an_owner_may_announce_another_address(place: Path) -> None:
    with start(place, "starting") as server:
        server.announce("http://127.0.0.1:9")
        with pytest.raises(embedded.DataDirectoryInUse) as refusal:
            start(place)
        assert refusal.value.owner_note == "http://127.0.0.1:9"
        assert server.is_alive()


def test_a_further_database_is_emptied_and_no_other(place: Path) -> None:
    with start(place) as server:
        url = server.make_empty("further")
        assert query(url, "SELECT current_database()") == [("further",)]
        keep_seven(url)
        keep_seven(server.url)
        with closing(psycopg.connect(url)):
            # Whoever is still connected does not stop it.
            assert server.make_empty("further") == url
        assert query(url, "SELECT to_regclass('kept')") == [(None,)]
        assert query(server.url, "SELECT number FROM kept") == [(7,)]


def test_other_processes_attach_while_there_is_an_owner(
    place: Path, owners: Callable[..., subprocess.Popen[str]]
) -> None:
    assert embedded.attach(place) is None
    owner = owners(place)
    url = str(first_line(owner)["url"])
    attached = embedded.attach(place)
    assert attached == embedded.EmbeddedServer(data_directory=place, url=url, owned=False)
    assert query(url, "SELECT 1") == [(1,)]
    owner.kill()
    owner.wait()
    assert embedded.attach(place) is None


def test_who_attaches_waits_for_an_owner_that_is_starting(place: Path) -> None:
    lock = OwnerLock(place, note="starting")
    with pytest.raises(embedded.EmbeddedServerFailed) as failure:
        embedded.attach(place, timeout_seconds=0.1)
    assert str(failure.value) == (
        "The embedded PostgreSQL cannot be used: "
        "its owner (starting) is not ready after 0.1 seconds."
    )
    ready = threading.Timer(0.2, lambda: lock.announce(note="here", url="postgresql:///x"))
    ready.start()
    attached = embedded.attach(place)
    ready.join()
    lock.release()
    assert attached == embedded.EmbeddedServer(
        data_directory=place, url="postgresql:///x", owned=False
    )


def test_a_killed_server_is_started_again_with_what_it_had(place: Path) -> None:
    with start(place) as server:
        assert not server.restart_if_dead()
        keep_seven(server.url)
        with closing(psycopg.connect(server.url)) as session:
            session.execute("SELECT 1")
            os.kill(postmaster_of(place), signal.SIGKILL)
            wait_for(lambda: not server.is_alive())
            assert server.restart_if_dead()
        assert not server.restart_if_dead()
        assert query(server.url, "SELECT number FROM kept") == [(7,)]
    assert not server.restart_if_dead()
    assert not server.is_alive()


def test_after_a_crash_of_owner_and_server_the_next_start_works_at_once(
    place: Path, owners: Callable[..., subprocess.Popen[str]]
) -> None:
    owner = owners(place)
    url = str(first_line(owner)["url"])
    keep_seven(url)
    with closing(psycopg.connect(url)) as session:
        session.execute("SELECT 1")
        os.kill(postmaster_of(place), signal.SIGKILL)
        owner.kill()
        owner.wait()
        with start(place) as server:
            assert query(server.url, "SELECT number FROM kept") == [(7,)]


def test_a_leftover_that_does_not_end_by_itself_is_ended(place: Path) -> None:
    with start(place) as server:
        with closing(psycopg.connect(server.url)) as session:
            backend = session.info.backend_pid
            # It notices neither the end of the server nor a request to end.
            os.kill(backend, signal.SIGSTOP)
            os.kill(postmaster_of(place), signal.SIGKILL)
            wait_for(lambda: not server.is_alive())
            assert server.restart_if_dead()
        assert backend not in process.processes_on(place)
        assert query(server.url, "SELECT 1") == [(1,)]


def test_the_server_ends_when_its_owner_is_killed(
    place: Path, owners: Callable[..., subprocess.Popen[str]]
) -> None:
    owner = owners(place)
    first_line(owner)
    assert len(process.processes_on(place)) > 3
    owner.kill()
    owner.wait()
    wait_for(lambda: process.processes_on(place) == [])
    # It was a clean shutdown: the pid file is gone, which a crash leaves behind.
    assert not (place / "postmaster.pid").exists()


def test_a_server_whose_owner_is_gone_is_ended_and_taken_over(place: Path) -> None:
    with start(place) as server:
        keep_seven(server.url)
    account = wheel.account_of(place)
    options = QUICK.options(data_directory=place, socket_directory=place)
    program = str(wheel.binaries_for(account) / "postgres")
    orphan = subprocess.Popen(
        process.tied([program, *options], at_parents_end=signal.SIGKILL, account=account),
        stderr=subprocess.DEVNULL,
    )
    assert process.wait_until_ready(orphan, place, timeout_seconds=PATIENCE_SECONDS)
    with start(place) as server:
        assert orphan.wait(PATIENCE_SECONDS) == 0
        assert postmaster_of(place) != orphan.pid
        assert query(server.url, "SELECT number FROM kept") == [(7,)]


@pytest.mark.parametrize("content", ["{pid}\n{place}\n1\n5432\n{place}\n", "", "nonsense\n"])
def test_a_pid_file_of_somebody_else_is_no_running_server(place: Path, content: str) -> None:
    with start(place) as server:
        keep_seven(server.url)
    account = wheel.account_of(place)
    # A process of the same user, which PostgreSQL alone takes for a running server.
    command = process.tied(["/bin/sleep", "60"], at_parents_end=signal.SIGKILL, account=account)
    stranger = subprocess.Popen(command)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (place / name).write_text(content.format(pid=stranger.pid, place=place))
            os.chown(place / name, account.uid, account.gid)
        with start(place) as server:
            assert query(server.url, "SELECT number FROM kept") == [(7,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_outlives_the_thread_that_started_it(place: Path) -> None:
    started: list[embedded.RunningServer] = []
    thread = threading.Thread(target=lambda: started.append(start(place)))
    thread.start()
    thread.join()
    with started[0] as server:
        with psycopg.connect(server.url) as session:
            for _ in range(20):
                # A shutdown begun by the end of the thread would end this session.
                session.execute("SELECT 1")
                time.sleep(0.01)
        assert server.is_alive()


def test_a_forked_worker_neither_keeps_the_directory_nor_stops_the_server(
    place: Path, owners: Callable[..., subprocess.Popen[str]]
) -> None:
    worker = "pid = os.fork()\nif pid == 0:\n    server.stop()\n"
    # One system call for each line, so that the two do not mix.
    worker += "os.write(1, b'{\"fork\": %d}\\n' % pid)\ntime.sleep(60)"
    owner = owners(place, then=worker)
    url = str(first_line(owner)["url"])
    forks = {first_line(owner)["fork"], first_line(owner)["fork"]}
    assert query(url, "SELECT 1") == [(1,)]
    owner.kill()
    owner.wait()
    (child,) = (number for number in forks if isinstance(number, int) and number != 0)
    try:
        with start(place) as server:
            assert query(server.url, "SELECT 1") == [(1,)]
    finally:
        os.kill(child, signal.SIGKILL)


def test_stopping_does_not_wait_for_open_sessions(place: Path) -> None:
    server = start(place)
    with psycopg.connect(server.url) as session:
        session.execute("SELECT 1")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    server.stop()
    assert process.processes_on(place) == []
    assert embedded.attach(place) is None


def test_only_the_newest_logs_are_kept(place: Path) -> None:
    logs = place / "log"
    with start(place) as server:
        for day in range(10, 20):
            (logs / f"postgresql-2001-01-{day}_000000.log").write_text("old")
        before = sorted(name.name for name in logs.iterdir())
        assert not server.restart_if_dead()
        assert sorted(name.name for name in logs.iterdir()) == before[-5:]
