"""People to sign in, and a hasher that is quick and counts."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

import argon2

from unisono.core.database import Database
from unisono.identity import people
from unisono.identity.people import Person

PASSWORD = "correct horse battery"
ZOE = "zoe@shop.example"


class CountingHasher(argon2.PasswordHasher):
    """Argon2id at the least cost, with the number of passwords that were looked at."""

    def __init__(self, memory_cost: int = 8) -> None:
        super().__init__(time_cost=1, memory_cost=memory_cost, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self.verified += 1
        return super().verify(hash, password)


async def hire(
    database: Database,
    email: str = ZOE,
    role: str = "operations",
    locations: Iterable[str] = (),
) -> Person:
    """A person of the shop, with PASSWORD; the name is made of the address."""
    async with database.transaction() as db:
        return await people.add(
            db,
            email=email,
            name=email.partition("@")[0].capitalize(),
            password=PASSWORD,
            role=role,
            locations=locations,
            author="test",
        )


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    """What the database holds."""
    async with database.read() as db:
        return await db.tuples(query.encode())


async def run(database: Database, statement: str) -> None:
    """Change what the database holds."""
    async with database.transaction() as db:
        await db.execute(statement.encode())


@asynccontextmanager
async def another_process(
    database: Database, *, key_cache_seconds: int = 3600
) -> AsyncIterator[Database]:
    """The same database as another process has it: with a memory of its own."""
    settings = replace(database.settings, key_cache_seconds=key_cache_seconds)
    other = Database(settings, url=database.url)
    await other.open()
    try:
        yield other
    finally:
        await other.close()
