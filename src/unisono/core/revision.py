"""Reference data that a process keeps in memory, and how it learns that it changed.

Every change of an area's reference data raises that area's revision in the same transaction. Who
holds a copy compares revisions before relying on it.
"""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

T = TypeVar("T")


async def bump(db: Db, area: str) -> None:
    """Say that the reference data of an area changes in this transaction."""
    db.moved.add(area)
    db.revisions = None
    await db.execute(sql.bump, {"area": area})


async def current(db: Db) -> dict[str, int]:
    """Return the revision of every area, read once in a transaction."""
    if db.revisions is None:
        db.revisions = dict(await db.tuples(sql.current))
    return db.revisions


class Copy(Generic[T]):
    """An area's reference data in memory: read when first needed, and again when it changed.

    The copy itself lies in the memory of the ``Database`` that it was read from.
    """

    def __init__(self, area: str, load: Callable[[Db], Awaitable[T]]) -> None:
        """Name the area whose revision counts, and the function that reads the data."""
        self.area = area
        self._load = load

    async def get(self, db: Db) -> T:
        """Return the data as of this transaction's view."""
        return await self.at(db, (await current(db))[self.area])

    async def at(self, db: Db, revision: int) -> T:
        """Return the data at a revision that the caller has just read."""
        if self.area in db.moved:
            return await self._load(db)
        held: tuple[int, T] | None = db.memory.get(self)
        if held is None or held[0] != revision:
            held = (revision, await self._load(db))
            db.memory[self] = held
        return held[1]
