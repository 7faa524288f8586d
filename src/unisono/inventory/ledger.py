"""The stock ledger: every physical change is one movement, in the transaction that makes it.

Movements are facts: they are never refused, and what they make of a level is recomputed with its
shortfall. ``post`` also closes the claims that a fact or a cancellation ends.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from unisono.core import ids, paging, queries
from unisono.core.database import Db
from unisono.core.paging import Page
from unisono.inventory import claims, levels
from unisono.inventory.claims import Claim
from unisono.inventory.levels import Change, Changed, Key, Level

sql = queries.beside(__file__)

Cause = Literal[
    "count", "adjustment", "shipment", "collection", "till_sale", "not_found", "damaged"
]
_LEFT: frozenset[Cause] = frozenset(("shipment", "collection", "till_sale"))
_SET_ASIDE: frozenset[Cause] = frozenset(("not_found", "damaged"))
# The document of a movement with one of these causes is an order's number, and a package of it.
_OF_ORDERS: frozenset[str] = _LEFT | _SET_ASIDE
_ORDER = re.compile(r"([0-9]{1,18})(?:/([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMovement:
    """A physical change to write.

    ``quantity`` is what the message said; ``on_hand`` and ``unavailable`` are what it adds to the
    level. ``occurred_at`` is the source's clock.
    """

    sku: int
    location: int
    cause: Cause
    quantity: int
    on_hand: int = 0
    unavailable: int = 0
    document: str | None = None
    author: str
    occurred_at: datetime
    counted_as_of: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A line of the ledger; ``version`` is that of the level after it."""

    id: UUID
    location: int
    version: int
    on_hand_change: int
    unavailable_change: int
    quantity: int
    cause: str
    document: str | None
    author: str
    occurred_at: datetime
    recorded_at: datetime
    source: str | None

    @property
    def order(self) -> tuple[int, int | None] | None:
        """The number of the order that it is about and its package; None when it is about none."""
        named = _ORDER.fullmatch(self.document or "") if self.cause in _OF_ORDERS else None
        return named and (int(named[1]), int(named[2]) if named[2] else None)


async def post(
    db: Db, *, movements: Sequence[NewMovement] = (), closed: Sequence[Claim] = ()
) -> list[Changed]:
    """Write movements and close claims; return the levels as they are then.

    What left (a shipment, a collection, a till sale) before the level was last counted was counted
    already: it closes its claim and changes on_hand by 0, and its ledger row says so.
    Levels of movements that do not exist are made.
    """
    keys: list[Key] = [(movement.sku, movement.location) for movement in movements]
    keys += [(claim.sku, claim.location) for claim in closed]
    truth = await levels.touch(db, keys=keys, create=True) if movements else {}
    counted = [_already_counted(movement, truth) for movement in movements]
    changes: dict[Key, Change] = {}
    for movement, done in zip(movements, counted, strict=True):
        change = changes.setdefault((movement.sku, movement.location), Change())
        change.on_hand += 0 if done else movement.on_hand
        change.unavailable += movement.unavailable
        change.counted_as_of = movement.counted_as_of or change.counted_as_of
    for claim in closed:
        changes.setdefault((claim.sku, claim.location), Change()).committed -= claim.quantity
    if not changes:
        return []
    changed = await levels.apply(db, changes=changes)
    if movements:
        versions = {(each.sku, each.location): each.version for each in changed}
        await _insert(db, movements, counted, versions)
    if closed:
        await claims.shrink(db, closed)
    await levels.tell(db, changed)
    return changed


def _already_counted(movement: NewMovement, truth: dict[Key, Level]) -> bool:
    as_of = truth[movement.sku, movement.location].counted_as_of
    left = movement.cause in _LEFT
    return left and as_of is not None and movement.occurred_at <= as_of


async def _insert(
    db: Db,
    movements: Sequence[NewMovement],
    counted: Sequence[bool],
    versions: dict[Key, int],
) -> None:
    await db.execute(
        sql.insert,
        {
            "skus": [m.sku for m in movements],
            "ids": ids.uuids7(len(movements)),
            "locations": [m.location for m in movements],
            "versions": [versions[m.sku, m.location] for m in movements],
            "on_hand": [
                0 if done else m.on_hand for m, done in zip(movements, counted, strict=True)
            ],
            "unavailable": [m.unavailable for m in movements],
            "quantities": [m.quantity for m in movements],
            "causes": [m.cause for m in movements],
            "documents": [m.document for m in movements],
            "authors": [m.author for m in movements],
            "occurred_at": [m.occurred_at for m in movements],
            "sources": [m.source for m in movements],
        },
    )
    aside = [m for m in movements if m.cause in _SET_ASIDE]
    if aside:
        sums: dict[tuple[int, int, str], int] = {}
        for m in aside:
            key = (m.sku, m.location, m.cause)
            sums[key] = sums.get(key, 0) + m.unavailable
        await db.execute(
            sql.set_aside,
            {
                "skus": [sku for sku, _, _ in sums],
                "locations": [location for _, location, _ in sums],
                "reasons": [reason for _, _, reason in sums],
                "quantities": list(sums.values()),
            },
        )


async def moved_since(db: Db, *, keys: Sequence[Key], as_of: Sequence[datetime]) -> list[int]:
    """Return, for each level, what movements after a moment changed on_hand by."""
    rows = await db.tuples(
        sql.moved_since,
        {
            "skus": [sku for sku, _ in keys],
            "locations": [location for _, location in keys],
            "as_of": list(as_of),
        },
    )
    return [change for (change,) in rows]


async def of_level(
    db: Db, *, sku: int, location: int, after: str | None, limit: int
) -> Page[Movement]:
    """Return the ledger of one level, newest first; ``after`` is the cursor of the page before.

    Raises InvalidInput when it is no such cursor.
    """
    version, last = paging.decode(after, tuple[int, UUID]) if after else (None, None)
    rows = await db.rows(
        Movement,
        sql.of_level,
        {
            "sku": sku,
            "location": location,
            "version": version,
            "id": last,
            "limit": limit + 1,
        },
    )
    return paging.page(rows, limit=limit, key=lambda movement: (movement.version, movement.id))


async def of_sku(
    db: Db, *, sku: int, after: str | None, limit: int, locations: Sequence[int] | None = None
) -> Page[Movement]:
    """Return the ledger of one SKU over all locations, or some, newest first.

    ``after`` is the cursor of the page before. Raises InvalidInput when it is no such cursor.
    """
    last = paging.decode(after, UUID) if after else None
    rows = await db.rows(
        Movement,
        sql.of_sku,
        {
            "sku": sku,
            "locations": None if locations is None else list(locations),
            "id": last,
            "limit": limit + 1,
        },
    )
    return paging.page(rows, limit=limit, key=lambda movement: movement.id)
