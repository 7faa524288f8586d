"""Stock levels: the quantities of one SKU at one location, and how a transaction changes them.

Two statements change a level. ``take`` claims units and is conditional: a row whose guard fails
does not come back. ``apply`` writes facts and releases, which are never refused, and recomputes the
shortfall. Both want their keys summed and in order (see ``in_order``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec import Struct

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

Key = tuple[int, int]
"""(SKU, location)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The quantities of one SKU at one location, in base units."""

    sku: int
    location: int
    on_hand: int
    unavailable: int
    reserved: int
    committed: int
    backordered: int
    shortfall: int
    counted_as_of: datetime | None
    version: int

    @property
    def free(self) -> int:
        """Units that nobody has claimed; negative when more is claimed than there is."""
        return self.on_hand - self.unavailable - self.reserved - self.committed

    def with_on_hand(self, units: int) -> "Level":
        """Return what ``apply`` would make of the level if this were there."""
        promised = self.reserved + self.committed - self.backordered
        return replace(self, on_hand=units, shortfall=max(0, promised - (units - self.unavailable)))


class Totals(Struct, frozen=True, kw_only=True):
    """What there is of one SKU, in base units, over the ``locations`` that have a level of it.

    ``negative`` of them have less than nothing on hand. What one location has too little of is not
    taken off what is ``available`` at another.
    """

    sku: int
    locations: int = 0
    negative: int = 0
    on_hand: int = 0
    unavailable: int = 0
    reserved: int = 0
    committed: int = 0
    available: int = 0
    shortfall: int = 0


class Changed(Struct, frozen=True, kw_only=True):
    """A level after this transaction's change: its version and its free units."""

    sku: int
    location: int
    version: int
    free: int


@dataclass(slots=True, kw_only=True)
class Change:
    """What to add to a level."""

    on_hand: int = 0
    unavailable: int = 0
    committed: int = 0
    counted_as_of: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Take:
    """Units to claim at a level, and how many must be free there for the claim to hold."""

    quantity: int = 0
    need: int = 0


async def of_skus(db: Db, *, skus: Iterable[int]) -> list[Level]:
    """Return the levels of these SKUs at every location that has one."""
    return await db.rows(Level, sql.of_skus, {"skus": list(skus)})


async def at(db: Db, *, sku: int, location: int) -> Level:
    """Return one level; where nothing was ever counted, every figure is 0."""
    found = await db.row(Level, sql.at, {"sku": sku, "location": location})
    return found or Level(
        sku=sku,
        location=location,
        on_hand=0,
        unavailable=0,
        reserved=0,
        committed=0,
        backordered=0,
        shortfall=0,
        counted_as_of=None,
        version=0,
    )


async def totals(
    db: Db, *, skus: Iterable[int], location: int | None = None
) -> Mapping[int, Totals]:
    """Return what there is of each of these SKUs everywhere, or at one location; zeros included."""
    found = {sku: Totals(sku=sku) for sku in skus}
    wanted = {"skus": list(found)}
    if location is None:
        rows = await db.rows(Totals, sql.totals, wanted)
    else:
        rows = await db.rows(Totals, sql.totals_at, {**wanted, "location": location})
    found.update((each.sku, each) for each in rows)
    return found


def in_order(keys: Iterable[Key]) -> tuple[list[int], list[int]]:
    """Return the distinct keys as two lists, in the one order in which levels are locked."""
    ordered = sorted(set(keys))
    return [sku for sku, _ in ordered], [location for _, location in ordered]


async def touch(db: Db, *, keys: Iterable[Key], create: bool = False) -> dict[Key, Level]:
    """Lock these levels until the transaction ends and return their truth.

    A level that does not exist is absent from the answer, unless ``create`` makes it, empty.
    """
    skus, locations = in_order(keys)
    parameters = {"skus": skus, "locations": locations}
    if create:
        await db.execute(sql.create, parameters)
    rows = await db.rows(Level, sql.touch, parameters)
    return {(row.sku, row.location): row for row in rows}


async def apply(db: Db, *, changes: dict[Key, Change]) -> list[Changed]:
    """Add these changes to levels that exist, whatever comes of it; return what came of it."""
    skus, locations = in_order(changes)
    ordered = [changes[key] for key in zip(skus, locations, strict=True)]
    return await db.rows(
        Changed,
        sql.apply,
        {
            "skus": skus,
            "locations": locations,
            "on_hand": [change.on_hand for change in ordered],
            "unavailable": [change.unavailable for change in ordered],
            "committed": [change.committed for change in ordered],
            "counted_as_of": [change.counted_as_of for change in ordered],
        },
    )


def take_parameters(takes: dict[Key, Take]) -> dict[str, Sequence[int]]:
    """Return the parameters of ``sql.take``, for a caller that sends it among other statements."""
    skus, locations = in_order(takes)
    ordered = [takes[key] for key in zip(skus, locations, strict=True)]
    return {
        "skus": skus,
        "locations": locations,
        "quantities": [take.quantity for take in ordered],
        "needs": [take.need for take in ordered],
    }


async def take(db: Db, *, takes: dict[Key, Take]) -> list[Changed]:
    """Claim units; only the levels where ``need`` units were free come back, claimed."""
    return await db.rows(Changed, sql.take, take_parameters(takes))


async def tell(db: Db, changed: Sequence[Changed]) -> None:
    """Write what this transaction made of levels, for those who keep an image of them."""
    if not changed:
        return
    await db.execute(
        sql.tell,
        {
            "batch": db.batch,
            "n": db.next_piece(),
            "skus": [each.sku for each in changed],
            "locations": [each.location for each in changed],
            "versions": [each.version for each in changed],
            "free": [each.free for each in changed],
        },
    )
