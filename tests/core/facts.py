"""A fact for tests, and short ways to tell it."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from unisono.core import outbox
from unisono.core.database import Database, Db
from unisono.core.outbox import Event, Fact


class Noted(Fact, frozen=True, kw_only=True):
    """Something was noted."""

    name: ClassVar = "test.noted"
    text: str


class Ignored(Fact, frozen=True, kw_only=True):
    """Something happened that nobody listens to."""

    name: ClassVar = "test.ignored"


async def note(db: Db, aggregate: UUID, sequence: int, text: str = "") -> None:
    """Tell one fact in this transaction."""
    await outbox.add(db, [Event(aggregate=aggregate, sequence=sequence, fact=Noted(text=text))])


async def note_all(database: Database, aggregate: UUID, texts: Sequence[str]) -> None:
    """Tell one fact per text, each in a transaction of its own, in the order given."""
    for sequence, text in enumerate(texts, 1):
        async with database.transaction() as db:
            await note(db, aggregate, sequence, text)
