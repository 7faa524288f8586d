"""The overview: what becomes of orders now, read from tallies, at the same cost for any number.

``as_of`` says how far the read model has come: figures of documents are those of that position,
figures of stock have an age of their own. Refused orders leave no trace, so they are not counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from unisono.analytics import follow, stock
from unisono.analytics.stock import StockFigures
from unisono.analytics.summary import Outcome
from unisono.channels import channels
from unisono.channels.channels import Channels
from unisono.core import clock, lag, queries
from unisono.core.database import Db
from unisono.network import network
from unisono.network.network import Network

sql = queries.beside(__file__)

HOURS = 24
DAYS = 14
LEAD_DAYS = 30
"""Lead times are those of orders whose goods arrived within so many days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """How far the read model has come: everything up to ``position`` is counted.

    ``behind`` positions are not, the first of which was written ``lag_seconds`` before ``at``.
    """

    at: datetime
    position: int
    behind: int
    lag_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFigures:
    """Orders of a channel that stand alike; ``late`` of them were expected by now.

    ``packed`` have parcels, ``split`` of them several, ``of_several_locations`` from several
    places. ``short`` were captured with ``short_units`` that were not free. Costs are of their
    parcels, in minor units.
    """

    channel: str
    channel_name: str
    delivery_option: str
    state: str
    outcome: Outcome
    orders: int
    late: int
    rerouted: int
    packed: int
    split: int
    of_several_locations: int
    short: int
    short_units: int
    shipping_cost: int
    handling_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedFigures:
    """Orders that customers collect at a location, or carried out of it, by outcome."""

    location: str
    name: str
    outcome: Outcome
    orders: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFigures:
    """Work of a location in one state; ``late`` of it should have been packed by now."""

    location: str
    name: str
    kind: str
    state: str
    works: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldestWork:
    """Since when the oldest work of a location waits that is not packed yet."""

    location: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFigures:
    """Parcels of a location in one state and what they cost; no carrier when they are collected."""

    location: str
    name: str
    carrier: str | None
    carrier_name: str | None
    state: str
    parcels: int
    shipping_cost: int
    handling_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Orders of an hour or a day that begins at ``start``.

    ``delivered`` counts those that the customer got whole, by carrier or by collecting; what was
    ``sold_in_store`` is in no other figure.
    """

    start: datetime
    placed: int
    sold_in_store: int
    shipped: int
    delivered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """Expected against actual, of orders by delivery option and carrier (None: several, or none).

    Both are seconds from the order to the door, or to the counter where it is collected, summed up
    over ``orders``; ``late`` of them came after the time that was expected.
    """

    delivery_option: str
    carrier: str | None
    carrier_name: str | None
    orders: int
    late: int
    expected_seconds: int
    actual_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All figures; costs in minor units of ``currency``, the cost currency.

    ``hours`` are the last 24 and ``days`` the last 14, the one that is not over yet included, by
    the clock of ``time_zone``.
    """

    as_of: AsOf
    currency: str
    time_zone: str
    orders: tuple[OrderFigures, ...]
    collected: tuple[CollectedFigures, ...]
    works: tuple[WorkFigures, ...]
    oldest_works: tuple[OldestWork, ...]
    parcels: tuple[ParcelFigures, ...]
    hours: tuple[Flow, ...]
    days: tuple[Flow, ...]
    lead_times: tuple[LeadTime, ...]
    stock: StockFigures

    def count(self, *outcomes: Outcome) -> int:
        """Return how many orders came to one of these outcomes; without any, all orders."""
        return sum(each.orders for each in self.orders if not outcomes or each.outcome in outcomes)

    @property
    def late_orders(self) -> int:
        """Orders that were expected by now, and are neither there nor ready."""
        return sum(each.late for each in self.orders)

    @property
    def late_works(self) -> int:
        """Work that should have been packed by now."""
        return sum(each.late for each in self.works)

    @property
    def logistics_cost(self) -> int:
        """What shipping and handling cost so far, in minor units of the cost currency."""
        return sum(each.shipping_cost + each.handling_cost for each in self.parcels)

    @property
    def logistics_cost_per_order(self) -> int:
        """The same for each order with parcels, rounded to a minor unit; 0 without any."""
        packed = sum(each.packed for each in self.orders)
        return round(self.logistics_cost / packed) if packed else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    channel: int
    delivery_option: str
    state: str
    outcome: Outcome
    orders: int
    late: int
    rerouted: int
    packed: int
    split: int
    of_several_locations: int
    short: int
    short_units: int
    shipping_cost: int
    handling_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collected:
    location: int
    outcome: Outcome
    orders: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    location: int
    state: str
    works: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    location: int
    carrier: str
    state: str
    parcels: int
    shipping_cost: int
    handling_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lead:
    delivery_option: str
    carrier: str
    orders: int
    late: int
    expected_seconds: int
    actual_seconds: int


async def overview(db: Db) -> Overview:
    """Return every figure; ``db`` is one view, so that those of documents fit each other."""
    everywhere = await network.of(db)
    now = clock.now()
    zone = ZoneInfo(db.settings.time_zone)
    first_day = now.astimezone(zone).date() - timedelta(days=DAYS - 1)
    first_hour = now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(
        UTC
    ) - timedelta(hours=HOURS - 1)
    return Overview(
        as_of=await _as_of(db, now),
        currency=db.settings.currency,
        time_zone=db.settings.time_zone,
        orders=_orders(await db.rows(_Order, sql.orders), await channels.all(db)),
        collected=_collected(await db.rows(_Collected, sql.collected), everywhere),
        works=_works(await db.rows(_Work, sql.works), everywhere),
        oldest_works=await _oldest_works(db, everywhere),
        parcels=_parcels(await db.rows(_Parcel, sql.parcels), everywhere),
        hours=_by_hour(await _flows(db, "hour", since=first_hour), first_hour),
        days=_by_day(
            await _flows(
                db, "day", since=datetime.combine(first_day, time.min, zone).astimezone(UTC)
            ),
            [first_day + timedelta(days=n) for n in range(DAYS)],
            zone,
        ),
        lead_times=_lead_times(
            await db.rows(_Lead, sql.lead_times, {"since": now - timedelta(days=LEAD_DAYS)}),
            everywhere,
        ),
        stock=await stock.figures(db),
    )


async def _as_of(db: Db, now: datetime) -> AsOf:
    for listener in await lag.of_listeners(db):
        if listener.listener == follow.LISTENER:
            waiting = listener.waiting_since
            return AsOf(
                at=now,
                position=listener.position,
                behind=listener.behind,
                lag_seconds=0.0 if waiting is None else max((now - waiting).total_seconds(), 0.0),
            )
    return AsOf(at=now, position=0, behind=0, lag_seconds=0.0)


def _orders(rows: Iterable[_Order], everyone: Channels) -> tuple[OrderFigures, ...]:
    return tuple(
        OrderFigures(
            channel=everyone.by_id[row.channel].code,
            channel_name=everyone.by_id[row.channel].name,
            delivery_option=row.delivery_option,
            state=row.state,
            outcome=row.outcome,
            orders=row.orders,
            late=row.late,
            rerouted=row.rerouted,
            packed=row.packed,
            split=row.split,
            of_several_locations=row.of_several_locations,
            short=row.short,
            short_units=row.short_units,
            shipping_cost=row.shipping_cost,
            handling_cost=row.handling_cost,
        )
        for row in rows
    )


def _collected(rows: Iterable[_Collected], everywhere: Network) -> tuple[CollectedFigures, ...]:
    return tuple(
        CollectedFigures(
            location=everywhere.by_id[row.location].code,
            name=everywhere.by_id[row.location].name,
            outcome=row.outcome,
            orders=row.orders,
            late=row.late,
        )
        for row in rows
    )


def _works(rows: Iterable[_Work], everywhere: Network) -> tuple[WorkFigures, ...]:
    return tuple(
        WorkFigures(
            location=everywhere.by_id[row.location].code,
            name=everywhere.by_id[row.location].name,
            kind=everywhere.by_id[row.location].kind,
            state=row.state,
            works=row.works,
            late=row.late,
        )
        for row in rows
    )


async def _oldest_works(db: Db, everywhere: Network) -> tuple[OldestWork, ...]:
    ids = [location.id for location in everywhere.locations]
    return tuple(
        OldestWork(
            location=everywhere.by_id[location].code,
            name=everywhere.by_id[location].name,
            since=since,
        )
        for location, since in await db.tuples(sql.oldest_works, {"locations": ids})
    )


def _parcels(rows: Iterable[_Parcel], everywhere: Network) -> tuple[ParcelFigures, ...]:
    return tuple(
        ParcelFigures(
            location=everywhere.by_id[row.location].code,
            name=everywhere.by_id[row.location].name,
            carrier=row.carrier or None,
            carrier_name=_carrier_name(everywhere, row.carrier),
            state=row.state,
            parcels=row.parcels,
            shipping_cost=row.shipping_cost,
            handling_cost=row.handling_cost,
        )
        for row in rows
    )


def _lead_times(rows: Iterable[_Lead], everywhere: Network) -> tuple[LeadTime, ...]:
    return tuple(
        LeadTime(
            delivery_option=row.delivery_option,
            carrier=row.carrier or None,
            carrier_name=_carrier_name(everywhere, row.carrier),
            orders=row.orders,
            late=row.late,
            expected_seconds=row.expected_seconds,
            actual_seconds=row.actual_seconds,
        )
        for row in rows
    )


def _carrier_name(everywhere: Network, code: str) -> str | None:
    carrier = everywhere.carriers.get(code)
    return None if carrier is None else carrier.name


async def _flows(db: Db, unit: str, *, since: datetime) -> list[Flow]:
    """Return what there is of hours or days, by the clock of the setting ``time_zone``."""
    return await db.rows(
        Flow, sql.flows, {"unit": unit, "time_zone": db.settings.time_zone, "since": since}
    )


def _by_hour(found: Iterable[Flow], first: datetime) -> tuple[Flow, ...]:
    flows: Mapping[datetime, Flow] = {each.start.astimezone(UTC): each for each in found}
    starts = [first + timedelta(hours=n) for n in range(HOURS)]
    return tuple(flows.get(start) or _nothing(start) for start in starts)


def _by_day(found: Iterable[Flow], days: Sequence[date], zone: ZoneInfo) -> tuple[Flow, ...]:
    # By date, not by moment: where midnight is left out by the clock, a day begins later.
    flows = {each.start.astimezone(zone).date(): each for each in found}
    return tuple(
        flows.get(day) or _nothing(datetime.combine(day, time.min, zone).astimezone(UTC))
        for day in days
    )


def _nothing(start: datetime) -> Flow:
    return Flow(start=start, placed=0, sold_in_store=0, shipped=0, delivered=0)
