"""A migrated database for tests that only look at its schema: made once for all of them."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import conninfo


@pytest.fixture(scope="session")
def schema_url(server: str, template: str) -> Iterator[str]:
    """The URL of a migrated, empty database that nobody writes to."""
    name = f"unisono_schema_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        yield conninfo.make_conninfo(server, dbname=name)
        administrator.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
