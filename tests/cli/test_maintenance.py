import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from tests.cli.commands import Ended
from tests.orders.shop import open_shop
from unisono.core import embedded, migrate
from unisono.core.database import Database

pytestmark = pytest.mark.whole

FAULT = (
    "CUP at S-LYON: on_hand is the sum of the movements, but the figure is 6 and the rows make 5"
)
KEY = ("key", "add", "--scope", "all", "--name")


@pytest.fixture
def database_url(own_database_url: str) -> str:
    """The URL of a database of each test's own: its tables are changed, or put aside."""
    return own_database_url


@pytest.fixture
async def spoiled(database: Database) -> str:
    """The URL of a database in which one figure is not the sum of its rows."""
    await open_shop(database, {("CUP", "S-LYON"): 5})
    async with database.transaction() as db:
        await db.execute(b"UPDATE inventory.stock_level SET on_hand = 6")
    return database.url


@pytest.fixture
def kept(unisono: Callable[..., Ended], database_url: str, tmp_path: Path) -> Path:
    """The backup of a database with one key, `kept`."""
    assert unisono(*KEY, "kept", database_url=database_url).code == 0
    file = tmp_path / "kept.backup"
    ended = unisono("backup", str(file), database_url=database_url)
    assert ended.code == 0
    assert f"schema {migrate.migrations()[-1].name}" in ended.err
    return file


def names(place: Path, *, database: str = "unisono") -> list[str]:
    """The names of the keys in a database of a data directory."""
    return ask(place, "SELECT name FROM identity.api_key ORDER BY name", database=database)


def databases(place: Path) -> set[str]:
    """The names of the databases of a data directory."""
    return set(ask(place, "SELECT datname FROM pg_database WHERE NOT datistemplate"))


def ask(place: Path, text: str, *, database: str = "unisono") -> list[str]:
    """The first column of what a database of a data directory answers."""
    with (
        embedded.start(place, owner_note="a test") as server,
        psycopg.connect(conninfo.make_conninfo(server.url, dbname=database)) as connection,
    ):
        return [value for (value, *_) in connection.execute(text.encode()).fetchall()]


def test_a_migrated_database_is_left_as_it_is(
    unisono: Callable[..., Ended], database_url: str
) -> None:
    ended = unisono("migrate", database_url=database_url)
    last = migrate.migrations()[-1].name
    assert ended == Ended(code=0, out="", err=f"The database has the schema {last}.\n")


def test_sound_figures_are_told_to_be_so(unisono: Callable[..., Ended], database_url: str) -> None:
    sound = unisono("audit", database_url=database_url)
    assert sound == Ended(code=0, out="Every figure is the sum of its rows.\n", err="")


def test_an_audit_names_the_figure_that_its_rows_do_not_add_up_to(
    unisono: Callable[..., Ended], spoiled: str
) -> None:
    assert unisono("audit", database_url=spoiled) == Ended(code=1, out=f"{FAULT}\n", err="")


def test_a_backup_is_for_its_owner_alone_and_never_overwritten(
    refused: Callable[..., str], database_url: str, kept: Path
) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    content = kept.read_bytes()
    said = refused("backup", str(kept), database_url=database_url)
    assert said == f"{kept} exists already; choose another name"
    assert kept.read_bytes() == content
    assert [file.name for file in kept.parent.iterdir()] == ["kept.backup"]


def test_a_password_reaches_the_programs_but_not_their_arguments(
    unisono: Callable[..., Ended], database_url: str, tmp_path: Path
) -> None:
    secret = conninfo.make_conninfo(database_url, password=r"a:b\c")
    assert unisono("backup", str(tmp_path / "file"), database_url=secret).code == 0


def test_a_folder_that_is_missing_is_told(
    refused: Callable[..., str], database_url: str, tmp_path: Path
) -> None:
    said = refused("backup", str(tmp_path / "missing" / "file"), database_url=database_url)
    assert said == f"No such file or directory: {tmp_path}/missing/.file.unfinished"


def test_a_restore_loses_nothing(
    unisono: Callable[..., Ended], refused: Callable[..., str], kept: Path
) -> None:
    place = kept.parent / "data"
    restored = unisono("restore", str(kept), data_directory=place)
    assert restored == Ended(code=0, out="", err=f"{kept} was restored.\n")
    assert names(place) == ["kept"]
    assert databases(place) == {"unisono", "postgres"}

    assert unisono(*KEY, "later", data_directory=place).code == 0
    assert refused("restore", str(kept), data_directory=place) == (
        "the database holds something already (identity.api_key, identity.audit_entry); with "
        "--replace it is kept under another name"
    )
    assert names(place) == ["kept", "later"]

    replaced = unisono("restore", str(kept), "--replace", data_directory=place)
    assert replaced.code == 0
    former = replaced.err.splitlines()[-1].rpartition(" ")[2].rstrip(".")
    assert names(place) == ["kept"]
    assert names(place, database=former) == ["kept", "later"]
    assert databases(place) == {"unisono", "postgres", former}


def test_what_a_running_unisono_uses_is_not_replaced(
    refused: Callable[..., str], place: Path, kept: Path
) -> None:
    with embedded.start(place, owner_note="http://127.0.0.1:8400") as server:
        said = refused("restore", str(kept), "--replace", data_directory=place)
        assert said == (
            f"The data directory {place} is in use by another unisono (http://127.0.0.1:8400)."
        )
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT count(*) FROM identity.api_key").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "INSERT INTO unisono_migration VALUES ('9999_later', repeat('0', 64))",
            "was made by a newer unisono: its migration 9999_later is not known here",
        ),
        (
            "UPDATE unisono_migration SET checksum = repeat('0', 64) WHERE name = '0001_core'",
            "was made by another unisono: its migration 0001_core has another text",
        ),
        ("DELETE FROM unisono_migration", "is a backup of something else than unisono"),
    ],
)
def test_a_backup_of_another_unisono_is_refused_before_anything_is_made(
    refused: Callable[..., str], database_url: str, tmp_path: Path, change: str, said: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(change.encode())
    file = tmp_path / "file"
    with file.open("wb") as output:
        dumped = embedded.run_program(
            "pg_dump", "--format=custom", f"--dbname={database_url}", stdout=output
        )
    assert dumped.returncode == 0
    assert refused("restore", str(file), data_directory=tmp_path / "data") == f"{file} {said}"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_backup_whose_figures_do_not_add_up_is_not_restored(
    unisono: Callable[..., Ended],
    refused: Callable[..., str],
    spoiled: str,
    place: Path,
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    assert unisono("backup", str(file), database_url=spoiled).code == 0
    assert refused("restore", str(file), data_directory=place) == (
        f"the backup is not restored, because its figures do not add up: {FAULT}"
    )
    assert databases(place) == {"unisono", "postgres"}


def test_what_is_no_backup_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "shopping list"
    file.write_text("milk")
    said = refused("restore", str(file), data_directory=tmp_path / "data")
    assert said.startswith(f"{file} is not a complete backup: ")
    assert [each.name for each in tmp_path.iterdir()] == ["shopping list"]


def test_only_the_embedded_database_is_restored(refused: Callable[..., str], kept: Path) -> None:
    assert refused("restore", str(kept), database_url="postgresql:///x") == (
        "only the embedded database is restored: use pg_restore for that of database_url"
    )
