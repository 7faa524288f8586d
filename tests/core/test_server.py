"""What is told of the PostgreSQL that holds everything."""

import os
import tempfile
from pathlib import Path

from psycopg import conninfo

from unisono.core import server as servers
from unisono.core.database import Database
from unisono.core.settings import Settings


async def test_the_version_is_the_one_that_the_server_names(database: Database) -> None:
    async with database.read() as db:
        told = servers.of(db)
        named = await db.value(b"SELECT current_setting('server_version')")
    assert told.version == named.split()[0]
    assert told.is_embedded == ("UNISONO_TEST_DATABASE_URL" not in os.environ)


async def test_a_server_with_its_socket_elsewhere_is_not_ours(
    database_url: str, settings: Settings
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(settings, url=_elsewhere(database_url, folder))
        await database.open()
        async with database.read() as db:
            told = servers.of(db)
        await database.close()
    assert not told.is_embedded


def _elsewhere(url: str, folder: str) -> str:
    """The same server, reached in a folder that does not hold its data."""
    known = conninfo.conninfo_to_dict(url)
    host = str(known["host"])
    if not host.startswith("/"):
        return url
    name = f".s.PGSQL.{known.get('port') or 5432}"
    Path(folder, name).symlink_to(Path(host, name))
    return conninfo.make_conninfo(url, host=folder)
