"""Order numbers: short, for people. Each process takes a block of the sequence at a time."""

from collections import deque

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

BLOCK = 1000
"""The increment of the sequence: one value is the first of so many numbers."""


class Numbers:
    """The numbers that this process holds for the next orders; those left at its end are lost."""

    def __init__(self) -> None:
        """Hold none yet."""
        self._held: deque[int] = deque()

    @staticmethod
    def of_process(db: Db) -> "Numbers":
        """Return the numbers that this process holds for this database."""
        held: Numbers = db.memory.setdefault(Numbers, Numbers())
        return held

    async def take(self, db: Db, count: int) -> list[int]:
        """Return so many fresh numbers, asking the database for blocks when too few are held."""
        if len(self._held) < count:
            blocks = (count - len(self._held) + BLOCK - 1) // BLOCK
            for (first,) in await db.tuples(sql.next_blocks, {"blocks": blocks}):
                self._held.extend(range(first, first + BLOCK))
        return [self._held.popleft() for _ in range(count)]
