import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.cli.commands import Served, children_of, refusal, run, serving, wait_for, working
from unisono.core import embedded

pytestmark = pytest.mark.whole

HALF_A_REQUEST = (
    b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serving") / "data"


@pytest.fixture(scope="module")
def served(installed: Path) -> Iterator[Served]:
    """A new installation that is served, without workers."""
    with serving(installed, "--no-workers") as served:
        yield served
        assert served.end(signal.SIGTERM)[0] == 0


def test_the_first_start_tells_where_everything_is_and_how_to_make_a_key(
    installed: Path, served: Served
) -> None:
    assert f"documentation  {served.address}/docs\n" in served.welcome
    assert f"database       {installed}\n" in served.welcome
    assert "  unisono key add --name first --scope all\n" in served.welcome
    made = run("key", "add", "--name", "till", "--scope", "catalog:read", place=installed)
    assert made.err == "The key of “till”. Keep it: it cannot be shown again.\n"
    key = made.out.strip()
    assert served.status("/v1/skus", key=key) == 200
    assert served.status("/v1/skus", key=f"{key}x") == 401
    assert served.status("/v1/orders", key=key) == 403


def test_a_second_serve_is_refused_with_the_address_of_the_first(
    installed: Path, served: Served
) -> None:
    assert refusal("serve", place=installed) == (
        f"The data directory {installed} is in use by another unisono ({served.address})."
    )
    assert served.status("/health/ready") == 200


def test_workers_alone_do_what_serve_leaves_to_them(installed: Path, served: Served) -> None:
    attached = embedded.attach(installed)
    assert attached is not None
    batch = uuid4()
    with psycopg.connect(attached.url, autocommit=True) as connection:
        connection.execute(
            "WITH fact AS (INSERT INTO core.event (aggregate, sequence, type, data, batch, ordinal)"
            " VALUES (%(id)s, 1, 'none', '{}', %(id)s, 0))"
            " INSERT INTO core.batch (id, events) VALUES (%(id)s, 1)",
            {"id": batch},
        )

        def is_stamped() -> bool:
            found = connection.execute("SELECT stamped FROM core.batch WHERE id = %s", [batch])
            return found.fetchall() == [(True,)]

        assert not is_stamped()
        with working(installed) as process:
            wait_for(is_stamped)
            process.send_signal(signal.SIGINT)
            assert process.wait() == 130


def test_a_dead_database_server_is_started_again(installed: Path, served: Served) -> None:
    postmaster = int((installed / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    wait_for(lambda: served.status("/health/ready") == 503)
    wait_for(lambda: served.status("/health/ready") == 200)


def test_a_port_that_is_taken_is_told_and_leaves_nothing_behind(
    refused: Callable[..., str], place: Path
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0), reuse_port=True)) as taken:
        port = taken.getsockname()[1]
        said = refused("serve", "--port", str(port), "--processes", "2", data_directory=place)
    assert said == (
        f"port {port} of 127.0.0.1 cannot be served on: another program uses it; "
        "name another with UNISONO_HOST and UNISONO_PORT"
    )
    assert embedded.attach(place) is None


def test_workers_without_a_serve_bring_the_database_along(
    refused: Callable[..., str], place: Path
) -> None:
    with working(place) as process:
        assert refused("serve", data_directory=place) == (
            f"The data directory {place} is in use by another unisono (work)."
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert embedded.attach(place) is None


def test_ctrl_c_ends_soon_while_a_request_is_open(
    place: Path, record_property: Callable[[str, object], None]
) -> None:
    with serving(place) as served, closing(_connection(served)) as half:
        half.sendall(HALF_A_REQUEST)
        assert served.status("/health/live") == 200
        served.process.send_signal(signal.SIGINT)
        # Pressed again, it changes nothing.
        code, seconds = served.end()
        record_property("seconds", seconds)
        assert code == 130


def test_several_processes_serve_one_address_and_end_together(
    place: Path, record_property: Callable[[str, object], None]
) -> None:
    with serving(place, "--processes", "2") as killed:
        (child,) = _wait_for_both(killed)
        killed.process.kill()
        killed.process.wait()
        wait_for(lambda: not _runs(child))
    # What was killed can be started again at once.
    with serving(place, "--processes", "2") as served:
        (child,) = _wait_for_both(served)
        os.kill(child, signal.SIGKILL)
        wait_for(lambda: children_of(served.process.pid) not in ([], [child]))
        (successor,) = _wait_for_both(served)
        assert {served.status("/health/ready") for _ in range(20)} == {200}
        code, seconds = served.end()
        record_property("seconds", seconds)
        assert code == 130
        assert not _runs(successor)


def _connection(served: Served) -> socket.socket:
    host, _, port = served.address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)))


def _wait_for_both(served: Served) -> list[int]:
    """Wait until two sockets listen on the port, and return the further processes."""
    port = f":{int(served.address.rpartition(':')[2]):04X} "

    def listening() -> int:
        lines = Path("/proc/net/tcp").read_text().splitlines()
        return sum(port in line and line.split()[3] == "0A" for line in lines)

    wait_for(lambda: listening() == 2)
    return children_of(served.process.pid)


def _runs(pid: int) -> bool:
    return Path("/proc", str(pid)).exists()
