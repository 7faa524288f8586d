"""A real PostgreSQL for every test: one server a run, one migrated, empty database a test.

Tests run on the embedded server unless ``UNISONO_TEST_DATABASE_URL`` names another (15 or newer,
with a role that may create databases).
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import conninfo

from unisono.core import embedded, migrate
from unisono.core.database import Database
from unisono.core.settings import Settings

EMPTY = """
    DO $$
    DECLARE
        held record;
        filled boolean;
    BEGIN
        -- What a test left running must neither write into the next one nor be waited for.
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
        FOR held IN
            SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
              AND tablename NOT IN ('unisono_migration', 'revision')
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', held.name) INTO filled;
            IF filled THEN
                EXECUTE format('TRUNCATE %s RESTART IDENTITY CASCADE', held.name);
            END IF;
        END LOOP;
        UPDATE core.revision SET number = 1;
        ALTER SEQUENCE orders.number RESTART;
    END $$
"""
"""Makes a database as empty as it was: ten times faster than another copy of the template."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server on which databases can be made."""
    given = os.environ.get("UNISONO_TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder: Path = tmp_path_factory.mktemp("postgresql") / "data"
    durable = embedded.ServerSettings(fsync=False)
    with embedded.start(folder, owner_note="the tests", settings=durable) as running:
        yield running.url


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """The name of a migrated, empty database to copy."""
    name = f"unisono_template_{uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}"')
    migrate.migrate(conninfo.make_conninfo(server, dbname=name))
    yield name
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def emptied_url(server: str, template: str) -> Iterator[str]:
    """The URL of the one database that the tests of this process use, one after the other."""
    name = f"unisono_test_{uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield conninfo.make_conninfo(server, dbname=name)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database_url(emptied_url: str) -> Iterator[str]:
    """The URL of a migrated database in which there is nothing but what migrations put there."""
    yield emptied_url
    with psycopg.connect(emptied_url, autocommit=True) as connection:
        connection.execute(EMPTY.encode())
    # What a test does to the schema or its migrations would be the next one's failure.
    assert migrate.migrate(emptied_url) == [], "take own_database_url for such a test"


@pytest.fixture
def own_database_url(server: str, template: str) -> Iterator[str]:
    """The URL of a migrated, empty database whose very tables a test may change."""
    name = f"unisono_test_{uuid4().hex[:12]}"
    # Copying files is twice as fast as writing every page to the log.
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield conninfo.make_conninfo(server, dbname=name)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def settings() -> Settings:
    """The settings of a test: the defaults."""
    return Settings()


@pytest.fixture
async def database(database_url: str, settings: Settings) -> AsyncIterator[Database]:
    """An open, migrated, empty database."""
    database = Database(settings, url=database_url)
    await database.open()
    yield database
    await database.close()


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())
