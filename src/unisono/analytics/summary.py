"""The summary: what became of all orders, who did the work, what it cost, what was sold short.

Figures of documents and of stock lie in different places of a sharded database, so each question
is of one of them; they are brought together by whoever reads them.
"""

from dataclasses import dataclass
from typing import Literal

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

Outcome = Literal[
    "at_work",
    "waiting",
    "cancelled",
    "shipped",
    "delivered",
    "collected",
    "carried_out",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """Orders of a channel that came to the same outcome; ``rerouted`` found a second location."""

    channel: str
    delivery_option: str
    outcome: Outcome
    orders: int
    rerouted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCount:
    """Fulfillment orders of a location in one state; ``kind`` is the location's."""

    location: str
    kind: str
    state: str
    fulfillment_orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelCount:
    """Parcels of a location in one state; costs in minor units of the cost currency."""

    location: str
    kind: str
    state: str
    parcels: int
    shipping_cost: int
    handling_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """Orders with parcels: all, those with several, those from several locations."""

    packed_orders: int
    split_orders: int
    orders_of_several_locations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortOrders:
    """Units that a channel sold without their being free, all its orders together."""

    channel: str
    when_short: Literal["refuse", "accept"]
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdrawn:
    """Units that left beyond what the figures said was there.

    A till sells what customers bring to it, recorded or not, and what it sells may be missing for
    others: at such levels that is how it is. ``without_till_sales`` is a fault.
    """

    with_till_sales: int
    without_till_sales: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """What is not at its end: orders at work, fulfillment orders under way, parcels on the way."""

    orders: int
    fulfillment_orders: int
    parcels: int

    def __bool__(self) -> bool:
        """Whether anything still moves."""
        return bool(self.orders or self.fulfillment_orders or self.parcels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All figures, of one moment."""

    outcomes: tuple[OutcomeCount, ...]
    works: tuple[WorkCount, ...]
    parcels: tuple[ParcelCount, ...]
    splits: Splits
    short_orders: tuple[ShortOrders, ...]
    overdrawn: Overdrawn

    def orders(self, *outcomes: Outcome) -> int:
        """Return how many orders came to one of these outcomes; without any, all orders."""
        return sum(
            each.orders for each in self.outcomes if not outcomes or each.outcome in outcomes
        )


async def summary(db: Db) -> Summary:
    """Return every figure; ``db`` is one view, so that they fit each other."""
    [splits] = await db.rows(Splits, sql.splits)
    [overdrawn] = await db.rows(Overdrawn, sql.overdrawn)
    return Summary(
        outcomes=tuple(await outcomes(db)),
        works=tuple(await db.rows(WorkCount, sql.works)),
        parcels=tuple(await db.rows(ParcelCount, sql.parcels)),
        splits=splits,
        short_orders=tuple(await db.rows(ShortOrders, sql.short_orders)),
        overdrawn=overdrawn,
    )


async def outcomes(db: Db) -> list[OutcomeCount]:
    """Return orders by channel, delivery option and outcome."""
    return await db.rows(OutcomeCount, sql.outcomes)


async def moving(db: Db) -> Moving:
    """Return what is not at its end yet; what waits for stock does not move."""
    [found] = await db.rows(Moving, sql.moving)
    return found
