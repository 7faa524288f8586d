"""Events as rows of the transaction that they tell about.

An area declares its events as frozen structs that subclass ``Fact``; ``add`` writes them. They get
their public place, a position, after the commit (see ``positions``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Struct

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

FACTS: dict[str, type["Fact"]] = {}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says; a subclass gives its public name as ``name: ClassVar = "sku.changed"``.

    Each subclass repeats ``frozen=True, kw_only=True``, which type checkers do not inherit.
    """

    name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Enter the subclass into ``FACTS`` under its public name."""
        super().__init_subclass__()
        FACTS[cls.name] = cls


class Event(Struct, frozen=True, kw_only=True):
    """A fact about one aggregate; ``sequence`` is its version after the fact: dense, from 1."""

    aggregate: UUID
    sequence: int
    fact: Fact


async def add(db: Db, events: Sequence[Event]) -> None:
    """Write the events; they become visible with the transaction, or never."""
    if not events:
        return
    encode = msgspec.json.encode
    first = db.told
    db.told += len(events)
    await db.execute(
        sql.insert_events,
        {
            "batch": db.batch,
            "first": first,
            "aggregates": [event.aggregate for event in events],
            "sequences": [event.sequence for event in events],
            "types": [event.fact.name for event in events],
            "data": [encode(event.fact).decode() for event in events],
        },
    )


async def told(db: Db, *, aggregates: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return, for each aggregate that told something, how many events and the last sequence."""
    rows = await db.tuples(sql.told, {"aggregates": list(aggregates)})
    return {aggregate: (count, last) for aggregate, count, last in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as it was written; ``data`` is the fact, decoded."""

    sequence: int
    type: str
    at: datetime
    data: dict[str, Any]


async def of_aggregate(db: Db, *, aggregate: UUID) -> list[Told]:
    """Return everything that was told of an aggregate, in order."""
    return await db.rows(Told, sql.of_aggregate, {"aggregate": aggregate})
