"""The overview: how everything stands at a glance, kept live while somebody looks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from unisono.analytics import alerts as alerting
from unisono.analytics import attention
from unisono.analytics import overview as figures
from unisono.analytics.alerts import Alert
from unisono.analytics.attention import Need
from unisono.analytics.overview import Flow, LeadTime, Overview
from unisono.channels import channels
from unisono.console import live, words
from unisono.console.area import Pages
from unisono.console.guard import SIGNED_IN, needs
from unisono.console.navigation import first_page
from unisono.console.rendering import page, render
from unisono.console.visits import Visit
from unisono.console.words import mark_plural
from unisono.orders import listing

NEEDED = "orders:read"
LOCATIONS_SHOWN = 12
NEEDY_SHOWN = 200
WORTH_A_WORD = timedelta(seconds=5)
OPEN_WORK = ("open", "accepted", "picking", "packed", "ready_for_pickup")

SENTENCES: Mapping[str, tuple[tuple[str, str], str, str]] = MappingProxyType(
    {
        "late_orders": (
            mark_plural("%(num)s order is late", "%(num)s orders are late"),
            "red",
            "/late",
        ),
        "late_work": (
            mark_plural(
                "%(num)s piece of work has missed its van",
                "%(num)s pieces of work have missed their van",
            ),
            "red",
            "/fulfillment",
        ),
        "orders_on_hold": (
            mark_plural("%(num)s order is on hold", "%(num)s orders are on hold"),
            "yellow",
            "/orders?state=on_hold",
        ),
        "orders_waiting_for_stock": (
            mark_plural("%(num)s order waits for stock", "%(num)s orders wait for stock"),
            "yellow",
            "/waiting",
        ),
        "stock_oversold": (
            mark_plural(
                "%(num)s SKU was sold beyond its stock at a location",
                "%(num)s SKUs were sold beyond their stock at a location",
            ),
            "yellow",
            "/inventory?only=negative",
        ),
        "dead_letters": (
            mark_plural(
                "%(num)s event could not be digested", "%(num)s events could not be digested"
            ),
            "red",
            "",
        ),
        "listener_lagging": (
            mark_plural(
                "Something that follows orders is %(num)s step behind",
                "Something that follows orders is %(num)s steps behind",
            ),
            "yellow",
            "",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    """An alert as a sentence, with the page that shows what it is about."""

    text: str
    tone: str
    href: str
    oldest: datetime | None
    subject: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A row of a list with bars; ``share`` is of the largest row."""

    code: str
    name: str
    orders: int
    late: int
    share: float
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A location with its work by state, what is late, and what it did so far."""

    code: str
    name: str
    kind: str
    works: Mapping[str, int]
    waiting: int
    late: int
    since: datetime | None
    parcels: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Expected against actual lead time, means over the orders that arrived."""

    delivery_option: str
    carrier: str | None
    orders: int
    on_time: float
    expected: timedelta
    actual: timedelta


@get("/", opt=SIGNED_IN)
async def show_overview(visit: NamedDependency[Visit]) -> Response[Any]:
    """Everything at a glance; people of a store go on to their own work."""
    if NEEDED not in visit.person.scopes:
        return visit.onward(first_page(visit.person))
    return page(visit, "overview/overview.html", **await _figures(visit))


@get("/live", opt=needs(NEEDED))
async def follow_overview(visit: NamedDependency[Visit]) -> Response[Any]:
    """The figures again, whenever they change."""
    shared: live.Shared = visit.app.state.setdefault("overview", live.Shared())

    async def draw() -> str:
        return render(visit, "overview/figures.html", **await _figures(visit))

    async def part() -> str:
        return await shared.rendered(visit.language.code, draw)

    return live.stream(visit, part)


@get("/late", opt=needs(NEEDED))
async def list_late(visit: NamedDependency[Visit]) -> Response[Any]:
    """Orders that were expected by now, the longest overdue first."""
    return await _list(visit, "late")


@get("/waiting", opt=needs(NEEDED))
async def list_waiting(visit: NamedDependency[Visit]) -> Response[Any]:
    """Orders that wait for stock, the oldest first."""
    return await _list(visit, "waiting")


async def _list(visit: Visit, need: Need) -> Response[Any]:
    async with visit.database.read() as db:
        needy = await attention.orders(db, need=need, limit=NEEDY_SHOWN)
        found = await listing.of_ids(db, order_ids=[each.order_id for each in needy])
        names = {code: each.name for code, each in (await channels.all(db)).by_code.items()}
    return page(
        visit,
        "overview/needy.html",
        need=need,
        orders=[(found[each.order_id], each.since) for each in needy if each.order_id in found],
        most=NEEDY_SHOWN,
        channel_names=names,
    )


async def _figures(visit: Visit) -> dict[str, Any]:
    async with visit.database.read() as db:
        seen = await figures.overview(db)
        alerts = await alerting.alerts(db)
    leads = _leads(seen.lead_times)
    arrived = sum(each.orders for each in seen.lead_times)
    return {
        "seen": seen,
        "behind": _behind(seen),
        "alerts": [_alert(visit, each) for each in alerts],
        "outcomes": _outcomes(seen),
        "channels": _by_channel(seen),
        "places": _places(seen)[:LOCATIONS_SHOWN],
        "leads": leads,
        "arrived": arrived,
        "on_time": _on_time(seen.lead_times),
        "open_work": sum(each.works for each in seen.works if each.state in OPEN_WORK),
        "split_share": _share(
            sum(each.split for each in seen.orders), sum(each.packed for each in seen.orders)
        ),
        "hours": _chart(seen.hours),
        "days": _chart(seen.days),
        "states": OPEN_WORK,
    }


def _alert(visit: Visit, alert: Alert) -> ShownAlert:
    (one, many), tone, href = SENTENCES[alert.kind]
    return ShownAlert(
        text=visit.language.plural(one, many, alert.count),
        tone=tone,
        href=href,
        oldest=alert.oldest,
        subject=alert.subject,
    )


def _outcomes(seen: Overview) -> list[Counted]:
    orders: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for each in seen.orders:
        orders[each.outcome] += each.orders
        late[each.outcome] += each.late
    names = {code: said.text for code, said in words.OUTCOME.items()}
    tones = {code: said.tone.value for code, said in words.OUTCOME.items()}
    return _counted(list(words.OUTCOME), names, orders, late, tones)


def _by_channel(seen: Overview) -> list[Counted]:
    orders: Counter[str] = Counter()
    late: Counter[str] = Counter()
    names = {}
    for each in seen.orders:
        names[each.channel] = each.channel_name
        orders[each.channel] += each.orders
        late[each.channel] += each.late
    ranked = [code for code, _ in orders.most_common()]
    return _counted(ranked, names, orders, late, {})


def _counted(
    codes: Iterable[str],
    names: Mapping[str, str],
    orders: Mapping[str, int],
    late: Mapping[str, int],
    tones: Mapping[str, str],
) -> list[Counted]:
    most = max(orders.values(), default=0)
    return [
        Counted(
            code=code,
            name=names[code],
            orders=orders[code],
            late=late[code],
            share=_share(orders[code], most),
            tone=tones.get(code, "blue"),
        )
        for code in codes
    ]


def _places(seen: Overview) -> list[Place]:
    """Return locations with something to do or done, the ones with late and most work first."""
    works: defaultdict[str, Counter[str]] = defaultdict(Counter)
    late: Counter[str] = Counter()
    parcels: Counter[str] = Counter()
    cost: Counter[str] = Counter()
    names, kinds = {}, {}
    for work in seen.works:
        works[work.location][work.state] += work.works
        late[work.location] += work.late
        names[work.location], kinds[work.location] = work.name, work.kind
    for parcel in seen.parcels:
        parcels[parcel.location] += parcel.parcels
        cost[parcel.location] += parcel.shipping_cost + parcel.handling_cost
    since = {each.location: each.since for each in seen.oldest_works}
    places = [
        Place(
            code=code,
            name=names[code],
            kind=kinds[code],
            works=by_state,
            waiting=sum(by_state[state] for state in OPEN_WORK),
            late=late[code],
            since=since.get(code),
            parcels=parcels[code],
            cost=cost[code],
        )
        for code, by_state in works.items()
    ]
    return sorted(places, key=lambda each: (-each.late, -each.waiting, -each.parcels, each.name))


def _leads(found: Sequence[LeadTime]) -> list[Lead]:
    return [
        Lead(
            delivery_option=each.delivery_option,
            carrier=each.carrier_name,
            orders=each.orders,
            on_time=_share(each.orders - each.late, each.orders),
            expected=timedelta(seconds=each.expected_seconds / each.orders),
            actual=timedelta(seconds=each.actual_seconds / each.orders),
        )
        for each in sorted(found, key=lambda each: -each.orders)
        if each.orders
    ]


def _on_time(found: Sequence[LeadTime]) -> float | None:
    """Return the share of orders that arrived by the time expected; None before any did."""
    arrived = sum(each.orders for each in found)
    return _share(arrived - sum(each.late for each in found), arrived) if arrived else None


def _chart(flows: Sequence[Flow]) -> dict[str, object]:
    """Return flows with the height of the tallest bar: never 0, so that it can be divided by."""
    most = max((max(each.placed, each.shipped, each.delivered) for each in flows), default=0)
    return {"flows": flows, "most": max(most, 1)}


def _behind(seen: Overview) -> timedelta | None:
    """Return how far the figures are behind, when it is worth a word."""
    lag = timedelta(seconds=seen.as_of.lag_seconds)
    return lag if lag >= WORTH_A_WORD else None


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


pages = Pages(name="overview", routes=(show_overview, follow_overview, list_late, list_waiting))
