"""Tallies: sums over facts, kept up to date by adding what each change makes of them.

What a fact contributes is a pure function of the fact, so a change adds what the new fact
contributes and takes away what the old one did: exact, whatever the order of events, and nothing
when a fact is looked at twice. There is one writer, the listener of ``follow``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Generic, TypeVar

from unisono.analytics.facts import UNFINISHED, Facts, OrderFact, ParcelFact, WorkFact
from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When something is due that is not due at all."""

QUARTER = timedelta(minutes=15)
"""Every time zone is a whole number of quarters of an hour away from UTC."""

DAYS_LATE = range(-30, 61)
"""How late is told within these bounds: what is later is as late as the last of them."""

Key = tuple[Any, ...]
Contribution = tuple[Key, tuple[int, ...]]
Fact = TypeVar("Fact", OrderFact, WorkFact, ParcelFact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally(Generic[Fact]):
    """A tally: what its rows are named by, their figures, and what a fact contributes to them.

    ``forget`` deletes rows that count nothing, of which ``add`` tells then; None where rows stay as
    few as they are.
    """

    add: bytes
    keys: tuple[str, ...]
    figures: tuple[str, ...]
    contribute: Callable[[Fact], Iterable[Contribution]]
    forget: bytes | None = None


def _of_order(fact: OrderFact) -> Iterator[Contribution]:
    key = (
        fact.channel,
        fact.location or 0,
        fact.delivery_option,
        fact.state,
        fact.outcome,
        fact.due_at or NEVER,
    )
    yield (
        key,
        (
            1,
            int(fact.rerouted),
            int(fact.parcels > 0),
            int(fact.parcels > 1),
            int(fact.locations > 1),
            int(fact.short_units > 0),
            fact.short_units,
            fact.shipping_cost,
            fact.handling_cost,
        ),
    )


def _of_work(fact: WorkFact) -> Iterator[Contribution]:
    due_at = fact.due_at if fact.state in UNFINISHED else None
    yield (fact.location, fact.state, due_at or NEVER), (1,)


def _of_parcel(fact: ParcelFact) -> Iterator[Contribution]:
    if fact.state != "cancelled":
        key = (fact.location, fact.carrier, fact.state)
        yield key, (1, fact.shipping_cost, fact.handling_cost)


def _flow(fact: OrderFact) -> Iterator[Contribution]:
    """What was carried out is sold, and neither placed nor delivered."""
    if fact.delivery_option == "in_store":
        yield _quarter(fact.placed_at), (0, 1, 0, 0)
        return
    yield _quarter(fact.placed_at), (1, 0, 0, 0)
    if fact.shipped_at is not None:
        yield _quarter(fact.shipped_at), (0, 0, 1, 0)
    if fact.delivered_at is not None:
        yield _quarter(fact.delivered_at), (0, 0, 0, 1)


def _quarter(at: datetime) -> Key:
    at = at.astimezone(UTC)
    return (at - (at - datetime.min.replace(tzinfo=UTC)) % QUARTER,)


def _lead(fact: OrderFact) -> Iterator[Contribution]:
    if fact.kept_at is None or fact.expected_by is None:
        return
    day = fact.kept_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days_late = ceil((fact.kept_at - fact.expected_by) / timedelta(days=1))
    days_late = min(max(days_late, DAYS_LATE[0]), DAYS_LATE[-1])
    yield (
        (day, fact.delivery_option, fact.carrier, days_late),
        (1, _seconds(fact.expected_by - fact.placed_at), _seconds(fact.kept_at - fact.placed_at)),
    )


def _seconds(time: timedelta) -> int:
    return time // timedelta(seconds=1)


ORDERS = Tally(
    add=sql.add_orders,
    forget=sql.forget_orders,
    keys=("channel", "location", "delivery_option", "state", "outcome", "due_at"),
    figures=(
        "orders",
        "rerouted",
        "packed",
        "split",
        "of_several_locations",
        "short",
        "short_units",
        "shipping_cost",
        "handling_cost",
    ),
    contribute=_of_order,
)
WORKS = Tally(
    add=sql.add_works,
    forget=sql.forget_works,
    keys=("location", "state", "due_at"),
    figures=("works",),
    contribute=_of_work,
)
PARCELS = Tally(
    add=sql.add_parcels,
    keys=("location", "carrier", "state"),
    figures=("parcels", "shipping_cost", "handling_cost"),
    contribute=_of_parcel,
)
FLOWS = Tally(
    add=sql.add_flows,
    keys=("quarter",),
    figures=("placed", "sold_in_store", "shipped", "delivered"),
    contribute=_flow,
)
LEADS = Tally(
    add=sql.add_leads,
    keys=("day", "delivery_option", "carrier", "days_late"),
    figures=("orders", "expected_seconds", "actual_seconds"),
    contribute=_lead,
)


async def add(db: Db, *, before: Facts, after: Facts) -> None:
    """Bring every tally from what ``before`` contributed to what ``after`` contributes.

    Rows are changed tally by tally in the order of their keys.
    """
    for tally in (ORDERS, FLOWS, LEADS):
        await _add(db, tally, before.orders.values(), after.orders.values())
    await _add(db, WORKS, before.works.values(), after.works.values())
    await _add(db, PARCELS, before.parcels.values(), after.parcels.values())


async def _add(db: Db, tally: Tally[Fact], before: Iterable[Fact], after: Iterable[Fact]) -> None:
    changes = difference(tally, before=before, after=after)
    if not changes:
        return
    keys = sorted(changes)
    named = {name: [key[at] for key in keys] for at, name in enumerate(tally.keys)}
    figures = {name: [changes[key][at] for key in keys] for at, name in enumerate(tally.figures)}
    if tally.forget is None:
        await db.execute(tally.add, {**named, **figures})
    elif (True,) in await db.tuples(tally.add, {**named, **figures}):
        await db.execute(tally.forget)


def difference(
    tally: Tally[Fact], *, before: Iterable[Fact], after: Iterable[Fact]
) -> dict[Key, list[int]]:
    """Return what the rows of a tally change by, without those that stay as they are."""
    changes: dict[Key, list[int]] = {}
    for facts, sign in ((before, -1), (after, 1)):
        for fact in facts:
            for key, figures in tally.contribute(fact):
                row = changes.setdefault(key, [0] * len(figures))
                for at, figure in enumerate(figures):
                    row[at] += sign * figure
    return {key: row for key, row in changes.items() if any(row)}
