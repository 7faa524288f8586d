"""The data of the embedded PostgreSQL: made whole or not at all, anywhere, and never mistaken."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.core.embedded.places import (
    open_folder,
    owning_process,
    postmaster_of,
    query,
    start,
    wait_for,
)
from unisono.core import embedded
from unisono.core.embedded import cluster, process, wheel

pytestmark = pytest.mark.whole


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that the server's user can enter, unlike pytest's own."""
    with open_folder() as made:
        yield made


def test_a_first_start_makes_one_database_behind_one_private_socket(folder: Path) -> None:
    place = folder / "sub" / "data"
    with start(place) as server:
        assert query(
            server.url,
            "SELECT current_database(), current_user::text, pg_encoding_to_char(encoding),"
            " datcollate, datctype, current_setting('server_version_num')::int / 10000,"
            " current_setting('listen_addresses'), current_setting('shared_buffers'),"
            " current_setting('jit'), current_setting('synchronous_commit')"
            " FROM pg_database WHERE datname = current_database()",
        ) == [("unisono", "unisono", "UTF8", "C", "C", 18, "", "16MB", "off", "on")]
        assert server.facts == embedded.EmbeddedServer(
            data_directory=place, url=server.url, owned=True
        )
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert stat.S_ISSOCK((place / ".s.PGSQL.5432").stat().st_mode)
    assert process.processes_on(place) == []


def test_the_defaults_keep_every_order_that_was_answered() -> None:
    settings = embedded.ServerSettings()
    options = settings.options(data_directory=Path("/d"), socket_directory=Path("/s"))
    assert {"fsync=on", "synchronous_commit=on", "full_page_writes=on"} < set(options)


def test_an_interrupted_first_start_leaves_nothing_in_the_way(folder: Path) -> None:
    place = folder / "data"
    with owning_process(place):
        wait_for((folder / ".data.unfinished" / "global").exists)
    assert not place.exists()
    assert embedded.attach(place) is None
    with start(place) as server:
        assert query(server.url, "SELECT current_database()") == [("unisono",)]
    assert sorted(name.name for name in folder.iterdir()) == ["data", "data.lock"]


def test_a_first_start_that_ended_before_its_database_was_made_is_completed(folder: Path) -> None:
    place = folder / "data"
    with (
        start(place) as server,
        psycopg.connect(server.url, dbname="postgres", autocommit=True) as connection,
    ):
        connection.execute("DROP DATABASE unisono")
    with start(place) as server:
        assert query(server.url, "SELECT current_database()") == [("unisono",)]


@pytest.mark.parametrize("name", ["long-" * 30, "with, comma", 'it\'s "é" & 100% $HOME'])
def test_any_path_can_hold_the_data(folder: Path, name: str) -> None:
    place = folder / name
    with start(place) as server:
        attached = embedded.attach(place)
        assert attached is not None
        assert query(attached.url, "SELECT current_database()") == [("unisono",)]
        socket = cluster.socket_directory_for(place, wheel.account_of(place))
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        os.kill(postmaster_of(place), signal.SIGKILL)
        wait_for(lambda: not server.is_alive())
        assert server.restart_if_dead()
        assert query(server.url, "SELECT 1") == [(1,)]
    assert socket == place or not socket.exists()


def test_a_socket_folder_of_somebody_else_is_not_trusted(folder: Path) -> None:
    place = folder / ("long-" * 30)
    account = wheel.account_of(place)
    socket = cluster.socket_directory_for(place, account)
    socket.rmdir()
    socket.symlink_to(folder)
    try:
        with pytest.raises(embedded.EmbeddedServerFailed, match="belongs to somebody else"):
            start(place)
        assert embedded.attach(place) is None
    finally:
        socket.unlink()


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    place = folder / "data"
    place.mkdir()
    (place / "letter").write_text("dear")
    with pytest.raises(embedded.EmbeddedServerFailed) as failure:
        start(place)
    assert str(failure.value) == (
        "The embedded PostgreSQL cannot be used: "
        f"{place} is not empty and holds no data of PostgreSQL."
    )
    assert [name.name for name in place.iterdir()] == ["letter"]


def test_an_empty_folder_can_be_the_data_directory(folder: Path) -> None:
    (folder / "data").mkdir()
    with start(folder / "data") as server:
        assert query(server.url, "SELECT 1") == [(1,)]


def test_data_of_another_version_is_refused_and_damage_is_said_in_one_sentence(
    folder: Path,
) -> None:
    place = folder / "data"
    start(place).stop()
    (place / "PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.EmbeddedServerFailed, match="made by PostgreSQL 17, and this is"):
        start(place)
    (place / "PG_VERSION").write_text("18\n")
    control = place / "global" / "pg_control"
    control.rename(folder / "pg_control")
    with pytest.raises(embedded.EmbeddedServerFailed) as failure:
        start(place)
    assert "\n" not in str(failure.value)
    assert "could not find the database system" in failure.value.reason
    assert "pg_control" in failure.value.log_tail
    assert embedded.attach(place) is None
    (folder / "pg_control").rename(control)
    with start(place) as server:
        assert query(server.url, "SELECT 1") == [(1,)]


def test_a_place_that_cannot_be_made_is_said_in_one_sentence(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(embedded.EmbeddedServerFailed) as failure:
        start(folder / "file" / "data")
    assert str(failure.value) == (
        f"The embedded PostgreSQL cannot be used: Not a directory: {folder / 'file' / 'data.lock'}."
    )


def test_the_root_of_the_file_system_is_no_data_directory() -> None:
    with pytest.raises(embedded.EmbeddedServerFailed, match="/ cannot be a data directory"):
        start(Path("/"))
