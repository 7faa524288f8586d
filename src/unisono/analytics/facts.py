"""Facts: one row for every order, piece of work and parcel, as far as the read model has come.

What can be read again is read from the truth. What was expected is computed once, when an order is
free to be worked on and when a location is asked, and kept: if it moved with the network or with
the clock, nothing would ever be late.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from unisono.analytics.summary import Outcome
from unisono.core import queries
from unisono.core.database import Db
from unisono.fulfillment import deadlines, records
from unisono.network import expected, network
from unisono.network.network import Network

sql = queries.beside(__file__)

UNFINISHED = frozenset(("open", "accepted", "picking"))
"""States of work that still has to be packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """An order as it was last looked at; ids inside, costs in minor units of the cost currency.

    ``location`` is where the customer collects or bought the goods. ``carrier`` is that of all its
    parcels, empty when there are several or none. ``expected_by`` is None when nobody could tell:
    the order is on hold, was carried out, or was captured with units that were not free.
    """

    order_id: UUID
    version: int
    channel: int
    location: int | None
    delivery_option: str
    state: str
    outcome: Outcome
    rerouted: bool
    placed_at: datetime
    freed_at: datetime | None
    expected_by: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    kept_at: datetime | None
    due_at: datetime | None
    carrier: str
    parcels: int
    locations: int
    shipping_cost: int
    handling_cost: int
    short_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFact:
    """A piece of work of a location; ``due_at`` is by when it had to be packed."""

    order_id: UUID
    n: int
    location: int
    state: str
    created_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFact:
    """A parcel; ``carrier`` is empty when the customer collects it."""

    order_id: UUID
    n: int
    location: int
    carrier: str
    state: str
    shipping_cost: int
    handling_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts of some orders, by what each is named by."""

    orders: Mapping[UUID, OrderFact] = field(default_factory=dict)
    works: Mapping[tuple[UUID, int], WorkFact] = field(default_factory=dict)
    parcels: Mapping[tuple[UUID, int], ParcelFact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    order_id: UUID
    version: int
    channel: int
    location: int | None
    delivery_option: str
    state: str
    outcome: Outcome
    rerouted: bool
    ready: bool
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    order_id: UUID
    n: int
    location: int
    state: str
    carrier: str | None
    shipping_cost: int | None
    handling_cost: int
    shipped_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beginning:
    """What was known when an order began; ``parcels`` are those of its first decision."""

    order_id: UUID
    country: str | None
    units: int
    parcels: Any
    freed_at: datetime | None


Held = TypeVar("Held", OrderFact, WorkFact, ParcelFact)


async def held_versions(db: Db, *, order_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return in which version each of these orders was last looked at; a new one is absent."""
    return dict(await db.tuples(sql.held_versions, {"orders": list(order_ids)}))


async def held(db: Db, *, order_ids: Sequence[UUID]) -> Facts:
    """Return the facts of these orders as they are written."""
    ids = {"orders": order_ids}
    orders = await db.rows(OrderFact, sql.held_orders, ids)
    works = await db.rows(WorkFact, sql.held_works, ids)
    parcels = await db.rows(ParcelFact, sql.held_parcels, ids)
    return Facts(
        orders={each.order_id: each for each in orders},
        works={(each.order_id, each.n): each for each in works},
        parcels={(each.order_id, each.n): each for each in parcels},
    )


async def looked_at(db: Db, *, order_ids: Sequence[UUID], before: Facts) -> Facts:
    """Return the facts of these orders by the truth; ``before`` are those that are written.

    The orders are read first: what changes meanwhile tells a later event, so an order that is torn
    is looked at again.
    """
    ids = {"orders": order_ids}
    orders = await db.rows(_Order, sql.orders, ids)
    parcels = await db.rows(_Parcel, sql.parcels, ids)
    beginnings = await _beginnings(db, orders, before)
    made_ready = await _made_ready(db, orders)
    everywhere = await network.of(db)
    open_time = timedelta(minutes=db.settings.collect_ready_minutes)
    by_order: dict[UUID, list[_Parcel]] = {each.order_id: [] for each in orders}
    for parcel in parcels:
        if parcel.state != "cancelled":
            by_order[parcel.order_id].append(parcel)
    works = await _works(db, order_ids, before, everywhere)
    return Facts(
        orders={
            each.order_id: _order_fact(
                each,
                by_order[each.order_id],
                _begun(
                    each,
                    before.orders.get(each.order_id),
                    beginnings.get(each.order_id),
                    everywhere,
                    open_time,
                ),
                made_ready.get(each.order_id),
            )
            for each in orders
        },
        works=works,
        parcels={
            (each.order_id, each.n): ParcelFact(
                order_id=each.order_id,
                n=each.n,
                location=each.location,
                carrier=each.carrier or "",
                state=each.state,
                shipping_cost=each.shipping_cost or 0,
                handling_cost=each.handling_cost,
            )
            for each in parcels
        },
    )


async def write(db: Db, *, before: Facts, after: Facts) -> None:
    """Write the facts that changed."""
    if orders := _changed(before.orders, after.orders):
        await db.execute(sql.put_orders, columns(OrderFact, orders))
    if works := _changed(before.works, after.works):
        await db.execute(sql.put_works, columns(WorkFact, works))
    if parcels := _changed(before.parcels, after.parcels):
        await db.execute(sql.put_parcels, columns(ParcelFact, parcels))


def columns(kind: type[Held], rows: Sequence[Held]) -> dict[str, list[Any]]:
    """Return rows as lists by field, as queries take them."""
    return {name: [getattr(row, name) for row in rows] for name in kind.__dataclass_fields__}


Key = TypeVar("Key")


def _changed(before: Mapping[Key, Held], after: Mapping[Key, Held]) -> list[Held]:
    return [each for key, each in after.items() if before.get(key) != each]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    freed_at: datetime | None
    expected_by: datetime | None
    short_units: int


async def _beginnings(db: Db, orders: Sequence[_Order], before: Facts) -> dict[UUID, _Beginning]:
    """Return how those orders began of which that is not known yet."""
    wanted = [
        each.order_id
        for each in orders
        if (known := before.orders.get(each.order_id)) is None or known.freed_at is None
    ]
    if not wanted:
        return {}
    rows = await db.rows(_Beginning, sql.beginnings, {"orders": wanted})
    return {each.order_id: each for each in rows}


def _begun(
    order: _Order,
    known: OrderFact | None,
    beginning: _Beginning | None,
    everywhere: Network,
    open_time: timedelta,
) -> _Begun:
    if beginning is None:
        if known is None:
            message = f"nothing is known of how order {order.order_id} began"
            raise RuntimeError(message)
        return _Begun(
            freed_at=known.freed_at,
            expected_by=known.expected_by,
            short_units=known.short_units,
        )
    planned = beginning.parcels or []
    in_store = order.delivery_option == "in_store"
    units = sum(quantity for parcel in planned for _, quantity in parcel["units"])
    short_units = 0 if in_store else max(0, beginning.units - units)
    by = None
    if beginning.freed_at is not None and not in_store and not short_units:
        by = _expected_by(order, beginning, beginning.freed_at, everywhere, open_time)
    return _Begun(freed_at=beginning.freed_at, expected_by=by, short_units=short_units)


def _expected_by(
    order: _Order,
    beginning: _Beginning,
    freed_at: datetime,
    everywhere: Network,
    open_time: timedelta,
) -> datetime | None:
    """Return by when the last parcel of the first plan is there; None when one cannot be told."""
    if order.location is not None:
        return expected.collection(
            everywhere,
            location=everywhere.by_id[order.location],
            at=freed_at,
            open_time=open_time,
        )
    arrivals = []
    for parcel in beginning.parcels:
        if parcel["carried"] is None:
            return None
        carrier, code, zone = parcel["carried"]
        service = next(
            (each for each in everywhere.services if (each.carrier, each.code) == (carrier, code)),
            None,
        )
        arrival = None
        if service is not None:
            arrival = expected.arrival(
                everywhere,
                location=everywhere.by_id[parcel["location"]],
                service=service,
                zone=zone,
                country=beginning.country or "",
                at=freed_at,
            )
        if arrival is None:
            return None
        arrivals.append(arrival)
    return max(arrivals, default=None)


async def _made_ready(db: Db, orders: Sequence[_Order]) -> dict[UUID, datetime]:
    """Return when orders of which everything is ready for the customer became so."""
    ready = [
        each.order_id
        for each in orders
        if each.ready and each.outcome != "cancelled" and each.delivery_option != "in_store"
    ]
    return dict(await db.tuples(sql.made_ready, {"orders": ready})) if ready else {}


async def _works(
    db: Db, order_ids: Sequence[UUID], before: Facts, everywhere: Network
) -> dict[tuple[UUID, int], WorkFact]:
    minutes = db.settings.collect_ready_minutes
    found = {}
    for each in await records.of_orders(db, order_ids=order_ids):
        known = before.works.get((each.order_id, each.n))
        found[each.order_id, each.n] = WorkFact(
            order_id=each.order_id,
            n=each.n,
            location=each.location,
            state=each.state,
            created_at=each.created_at,
            due_at=(
                deadlines.due_at(everywhere, each, collect_ready_minutes=minutes)
                if known is None
                else known.due_at
            ),
        )
    return found


def _order_fact(
    order: _Order, parcels: Sequence[_Parcel], begun: _Begun, made_ready: datetime | None
) -> OrderFact:
    carriers = {parcel.carrier for parcel in parcels}
    delivered_at = _delivered_at(order, parcels)
    # Who hands goods over without saying first that they are ready had them ready by then.
    kept = [each for each in (delivered_at, made_ready) if each is not None]
    kept_at = min(kept, default=None)
    is_due = kept_at is None and order.outcome != "cancelled"
    return OrderFact(
        order_id=order.order_id,
        version=order.version,
        channel=order.channel,
        location=order.location,
        delivery_option=order.delivery_option,
        state=order.state,
        outcome=order.outcome,
        rerouted=order.rerouted,
        placed_at=order.placed_at,
        freed_at=begun.freed_at,
        expected_by=begun.expected_by,
        shipped_at=(
            max((each.shipped_at for each in parcels if each.shipped_at is not None), default=None)
            if order.outcome in ("shipped", "delivered")
            else None
        ),
        delivered_at=delivered_at,
        kept_at=kept_at,
        due_at=begun.expected_by if is_due else None,
        carrier=(carriers.pop() or "") if len(carriers) == 1 else "",
        parcels=len(parcels),
        locations=len({parcel.location for parcel in parcels}),
        shipping_cost=sum(parcel.shipping_cost or 0 for parcel in parcels),
        handling_cost=sum(parcel.handling_cost for parcel in parcels),
        short_units=begun.short_units,
    )


def _delivered_at(order: _Order, parcels: Sequence[_Parcel]) -> datetime | None:
    """Return when the customer had everything; what was carried out, when it was sold."""
    if order.outcome == "carried_out":
        return order.placed_at
    if order.outcome not in ("delivered", "collected"):
        return None
    return max(
        (each.delivered_at for each in parcels if each.delivered_at is not None), default=None
    )
