"""Rerouting: a new place for what has none, because it was rejected, not found, or never in stock.

Safe to repeat: it looks for open allocations and does nothing where there are none.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from unisono.catalog import skus as catalog
from unisono.catalog.skus import SkuFacts
from unisono.core import clock, queries
from unisono.core.database import Db
from unisono.core.errors import UnisonoError
from unisono.core.positions import PlacedEvent
from unisono.inventory import claims, ledger, levels
from unisono.orders import deciding
from unisono.orders.changing import Allocation, OrderChange, changing, claims_of
from unisono.orders.deciding import Decider, Reference
from unisono.orders.events import OrderParked, OrderRerouted, SourcingPlanCreated
from unisono.orders.stock import locked_stock

sql = queries.beside(__file__)


class NoOtherLocation(UnisonoError):
    """No other location has the goods and can bring them there."""


async def listen(db: Db, events: Sequence[PlacedEvent]) -> None:
    """Find a new place for what a location could not serve."""
    await reroute(db, order_ids=[event.aggregate for event in events])


async def supplied(db: Db, *, limit: int) -> list[UUID]:
    """Return orders that wait for a SKU of which units are free by now, oldest first."""
    waiting = [sku for (sku,) in await db.tuples(sql.waiting_skus)]
    free = {each.sku for each in await levels.of_skus(db, skus=waiting) if each.free > 0}
    rows = await db.tuples(sql.waiting_for, {"skus": sorted(free), "limit": limit})
    return [order_id for (order_id,) in rows]


async def due(db: Db, *, limit: int) -> list[UUID]:
    """Return orders with open allocations whose time to be tried again has come, oldest first."""
    return [order_id for (order_id,) in await db.tuples(sql.due, {"limit": limit})]


async def reroute(db: Db, *, order_ids: Sequence[UUID]) -> int:
    """Source the open allocations of these orders again; return how many orders got a new place.

    Locations that declined a quantity are not asked for it again. What still finds no place waits,
    twice as long as the time before, up to the setting ``allocation_wait_seconds_max``.
    """
    reference = await Reference.fresh(db)
    rerouted = 0
    async with changing(db, order_ids) as changes:
        waiting = {order_id: _open(change) for order_id, change in changes.items()}
        skus = {each.sku for group in waiting.values() for each in group}
        facts = await catalog.facts(db, ids=skus, revision=reference.revisions["catalog"])
        stock = await locked_stock(db, skus=skus, network=reference.network)
        decider = Decider(reference, stock, split_cost=db.settings.split_cost)
        placed: list[Allocation] = []
        plans: list[tuple[UUID, bytes]] = []
        for order_id, allocations in waiting.items():
            new = []
            for declined, group in _by_declined(allocations).items():
                found, plan = _place(changes[order_id], group, declined, decider, reference, facts)
                new += found
                # That it waits is explained once, not at every try.
                if found or not any(each.attempts for each in group):
                    plans.append((order_id, plan))
            placed += new
            rerouted += bool(new)
            _tell(db, changes[order_id], new, reference)
        await _write(db, decider, placed, plans)
    return rerouted


async def replace(
    db: Db, change: OrderChange, *, taken: Sequence[Allocation], reason: str, author: str
) -> None:
    """Give units of an order that is being changed other places, all or none of them.

    Where they are taken from is not asked for them again. Raises NoOtherLocation.
    """
    reference = await Reference.fresh(db)
    skus = {each.sku for each in taken}
    facts = await catalog.facts(db, ids=skus, revision=reference.revisions["catalog"])
    # Every level is locked before the first is changed: levels are locked in one order everywhere.
    stock = await locked_stock(db, skus=skus, network=reference.network)
    await ledger.post(db, closed=claims_of(taken))
    codes = {each.id: each.code for each in reference.network.locations}
    change.tell(
        OrderRerouted(
            reason=reason,
            taken=[
                (each.line, each.quantity, codes[each.location])
                for each in taken
                if each.location is not None
            ],
            author=author,
        )
    )
    opened = [
        change.move(
            each.n,
            "open",
            location=None,
            fulfillment_order=None,
            reason="rerouted",
            declined=sorted({*each.declined, each.location}),
        )
        for each in taken
    ]
    decider = Decider(reference, stock, split_cost=db.settings.split_cost)
    placed: list[Allocation] = []
    plans: list[tuple[UUID, bytes]] = []
    for declined, group in _by_declined(opened).items():
        found, plan = _place(change, group, declined, decider, reference, facts)
        placed += found
        plans.append((change.order.id, plan))
    short = sum(each.quantity for each in taken) - sum(each.quantity for each in placed)
    if short:
        message = f"{short} units have no other place that could serve them; nothing was changed"
        raise NoOtherLocation(message)
    change.tell(_plan_created(placed, reference))
    await _write(db, decider, placed, plans)


async def _write(
    db: Db,
    decider: Decider,
    placed: Sequence[Allocation],
    plans: Sequence[tuple[UUID, bytes]],
) -> None:
    """Claim what was given away, and keep why."""
    changed = await levels.take(db, takes=decider.takes) if decider.takes else []
    await claims.insert(db, claims_of(placed))
    await levels.tell(db, changed)
    await db.execute(
        sql.insert_decisions,
        {
            "orders": [order_id for order_id, _ in plans],
            "plans": [plan.decode() for _, plan in plans],
        },
    )


def _open(change: OrderChange) -> list[Allocation]:
    return [each for each in change.allocations.values() if each.state == "open"]


def _by_declined(allocations: Sequence[Allocation]) -> dict[frozenset[int], list[Allocation]]:
    groups: dict[frozenset[int], list[Allocation]] = {}
    for each in allocations:
        groups.setdefault(frozenset(each.declined), []).append(each)
    return groups


def _place(
    change: OrderChange,
    group: Sequence[Allocation],
    declined: frozenset[int],
    decider: Decider,
    reference: Reference,
    facts: Mapping[int, SkuFacts],
) -> tuple[list[Allocation], bytes]:
    """Give what the locations have of these allocations a place; return it, and the decision."""
    order = change.order
    to = order.destination
    terms = deciding.where(
        reference.network,
        reference.channels.by_id[order.channel],
        option=order.delivery_option,
        location=order.location,
        destination=None if to is None else (to["country"], to["postal_code"]),
        declined=declined,
        split_cost=decider.split_cost,
    )
    wanted: dict[int, int] = {}
    for each in group:
        wanted[each.sku] = wanted.get(each.sku, 0) + each.quantity
    available = {sku: n for sku, n in decider.available(wanted, terms).items() if n}
    skus = tuple(available)
    plan = (
        decider.plan(available, [facts[sku].weight_g for sku in skus], terms) if available else None
    )
    explained = decider.explained(plan, skus, terms)
    if plan is None:
        return [], explained
    decider.give(plan, skus, terms)
    parts = deciding.allocations(
        [(each.n, each.sku, each.quantity) for each in group],
        plan.parcels,
        skus,
        decider.network.ids,
    )
    placed = [
        change.move(
            part.line,
            "allocated",
            quantity=part.quantity,
            location=part.location,
            reason=None,
            # Should it lose this place as well, it waits and tells so as if for the first time.
            attempts=0,
            retry_at=None,
        )
        for part in parts
        if part.location is not None
    ]
    return placed, explained


def _tell(db: Db, change: OrderChange, placed: Sequence[Allocation], reference: Reference) -> None:
    """Tell what got a place; let the rest wait, and tell that once."""
    if placed:
        change.tell(_plan_created(placed, reference))
    waiting = _open(change)
    longest = db.settings.allocation_wait_seconds_max
    for each in waiting:
        seconds = min(longest, db.settings.allocation_wait_seconds * 2 ** min(each.attempts, 20))
        change.note(
            each.n,
            attempts=each.attempts + 1,
            retry_at=clock.now() + timedelta(seconds=seconds),
        )
    first = [each for each in waiting if each.attempts == 0]
    if first:
        change.tell(
            OrderParked(waiting=[(each.line, each.quantity, each.reason or "") for each in first])
        )


def _plan_created(placed: Sequence[Allocation], reference: Reference) -> SourcingPlanCreated:
    codes = {each.id: each.code for each in reference.network.locations}
    return SourcingPlanCreated(
        allocations=[
            (each.line, each.quantity, codes[each.location])
            for each in placed
            if each.location is not None
        ]
    )
