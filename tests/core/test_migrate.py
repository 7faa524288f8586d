"""Migrations: each once, in order, whole or not at all, and never rewritten."""

import hashlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from procrastinate.schema import SchemaManager
from psycopg import conninfo

from unisono.core import migrate
from unisono.core.database import DatabaseUnusable
from unisono.core.migrate import MigrationChanged

STEPS = [step.name for step in migrate.migrations()]


@pytest.fixture
def database_url(own_database_url: str) -> str:
    """The URL of a database of each test's own: its tables are changed, or put aside."""
    return own_database_url


@pytest.fixture
def empty_url(server: str) -> Iterator[str]:
    """The URL of a database in which there is nothing."""
    name = f"unisono_empty_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
        yield conninfo.make_conninfo(server, dbname=name)
        administrator.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations that the test may change."""
    copied = tmp_path / "migrations"
    shutil.copytree(migrate._FOLDER, copied)
    monkeypatch.setattr(migrate, "_FOLDER", copied)
    return copied


def test_steps_are_numbered_without_gaps() -> None:
    assert [int(name.split("_")[0]) for name in STEPS] == list(range(1, len(STEPS) + 1))


def test_an_empty_database_gets_every_step_in_order(empty_url: str) -> None:
    assert migrate.migrate(empty_url) == STEPS
    assert list(ledger(empty_url)) == STEPS


def test_migrating_again_changes_nothing(database_url: str) -> None:
    before = ledger(database_url)
    assert migrate.migrate(database_url) == []
    assert ledger(database_url) == before


def test_of_two_starters_at_once_each_step_is_run_by_one(empty_url: str) -> None:
    ran: list[list[str]] = []
    together = threading.Barrier(2)

    def start() -> None:
        together.wait()
        ran.append(migrate.migrate(empty_url))

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran, key=len) == [[], STEPS]
    assert list(ledger(empty_url)) == STEPS


def test_a_step_that_was_changed_after_it_ran_is_refused(database_url: str, folder: Path) -> None:
    before = ledger(database_url)
    first = folder / "0001_core.sql"
    first.write_text(first.read_text(encoding="utf-8") + "-- a remark\n", encoding="utf-8")
    (folder / "9999_new.sql").write_text("CREATE TABLE public.fresh ();", encoding="utf-8")
    with pytest.raises(MigrationChanged, match=r"^migration 0001_core was applied with another"):
        migrate.migrate(database_url)
    assert ledger(database_url) == before
    assert not exists(database_url, "public.fresh")


def test_a_step_that_fails_leaves_no_trace_and_is_run_by_the_next_start(
    database_url: str, folder: Path
) -> None:
    broken = folder / "9999_broken.sql"
    broken.write_text("CREATE TABLE public.half (); SELECT 1 / 0;", encoding="utf-8")
    (folder / "9998_sound.sql").write_text("CREATE TABLE public.sound ();", encoding="utf-8")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate.migrate(database_url)
    assert list(ledger(database_url)) == [*STEPS, "9998_sound"]
    assert exists(database_url, "public.sound")
    assert not exists(database_url, "public.half")
    broken.write_text("CREATE TABLE public.half ();", encoding="utf-8")
    assert migrate.migrate(database_url) == ["9999_broken"]
    assert exists(database_url, "public.half")


def test_a_step_gives_up_when_a_table_stays_locked(database_url: str, folder: Path) -> None:
    step = folder / "9999_wider.sql"
    step.write_text("ALTER TABLE core.secret ADD COLUMN note text;", encoding="utf-8")
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE core.secret IN ACCESS SHARE MODE")
        with pytest.raises(DatabaseUnusable) as refusal:
            migrate.migrate(database_url, lock_timeout_ms=50)
    assert refusal.value.detail == (
        "a table stays locked by another program; try again when that has ended"
    )
    assert "9999_wider" not in ledger(database_url)
    assert migrate.migrate(database_url) == ["9999_wider"]


def test_the_schema_of_the_job_queue_is_made_once(database_url: str) -> None:
    assert exists(database_url, "jobs.procrastinate_jobs")
    assert not exists(database_url, "public.procrastinate_jobs")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/unisono?connect_timeout=2",
        "postgresql://127.0.0.1:no-port/unisono",
        "not an address",
    ],
)
def test_an_address_without_a_database_is_told_in_one_sentence(url: str) -> None:
    with pytest.raises(DatabaseUnusable) as refusal:
        migrate.migrate(url)
    assert refusal.value.detail
    assert "\n" not in refusal.value.detail


def test_a_database_that_is_not_there_is_named(server: str) -> None:
    with pytest.raises(DatabaseUnusable, match="does not exist"):
        migrate.migrate(conninfo.make_conninfo(server, dbname="unisono_nowhere"))


def ledger(url: str) -> dict[str, tuple[object, ...]]:
    """Return what is remembered of each applied step, by name, in the order of application."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT name, checksum, applied_at FROM public.unisono_migration ORDER BY applied_at"
        )
        return {row[0]: row[1:] for row in rows}


def exists(url: str, table: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT to_regclass(%s)", (table,)).fetchone()
        return row is not None and row[0] is not None


def test_the_job_queue_has_the_schema_that_its_step_was_written_for() -> None:
    """Another version of procrastinate needs a further foreign step with its own changes."""
    schema = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()
    assert schema == "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
