"""What every location has to do, and the queue of one location."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from unisono.console.fulfillment import cards, time_left
from unisono.console.fulfillment.time_left import TimeLeft
from unisono.console.guard import needs
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core import clock
from unisono.core.database import Db
from unisono.core.texts import folded
from unisono.fulfillment import queue
from unisono.fulfillment.queue import DONE_MAX, TO_DO, FulfillmentOrder, Waiting
from unisono.network import network
from unisono.network.locations import Location, UnknownLocation

READ = needs("fulfillment:read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A location with how much waits there, by state, and the most urgent of it."""

    place: Location
    counts: Mapping[str, int]
    left: TimeLeft | None

    @property
    def to_do(self) -> int:
        """How much there is to do."""
        return sum(self.counts[state] for state in TO_DO)

    @property
    def waiting(self) -> int:
        """How much waits, for work or for its customer."""
        return sum(self.counts.values())


@get("/fulfillment", opt=READ)
async def list_queues(visit: NamedDependency[Visit], search: FromQuery[str] = "") -> Response[Any]:
    """The work of every location of a person, the most urgent first; of one, its queue."""
    own = visit.person.locations
    if len(own) == 1:
        return visit.onward(f"/fulfillment/{next(iter(own))}")
    async with visit.database.read() as db:
        everywhere = await network.of(db)
        # A person may keep a location that is not there any more.
        places = [each for each in everywhere.locations if not own or each.code in own]
        codes = [each.code for each in places]
        counts = await queue.counts(db, locations=codes)
        due = await queue.earliest_due(db, locations=codes)
    rows = [_row(visit, place, counts, due.get(place.code), now=clock.now()) for place in places]
    shown = sorted((row for row in rows if _is_wanted(row.place, search)), key=_urgency)
    return page(
        visit,
        "fulfillment/queues.html",
        busy=[row for row in shown if row.waiting],
        idle=[row for row in shown if not row.waiting],
        late=sum(row.left is not None and row.left.due_at < clock.now() for row in rows),
        to_do=sum(row.to_do for row in rows),
        to_collect=sum(row.counts["ready_for_pickup"] for row in rows),
        search=search,
    )


@get("/fulfillment/{location:str}", opt=READ)
async def show_to_do(visit: NamedDependency[Visit], location: FromPath[str]) -> Response[Any]:
    """What a location has to do, by the time that is left."""
    async with visit.database.read() as db:
        place = await place_of(visit, db, location)
        works = await queue.todo(db, location=location)
        counts = await queue.counts(db, locations=[location])
    return _queue(visit, place, "to_do", works, counts)


@get("/fulfillment/{location:str}/collect", opt=READ)
async def show_collect(visit: NamedDependency[Visit], location: FromPath[str]) -> Response[Any]:
    """What waits at a location for its customers, by their names."""
    async with visit.database.read() as db:
        place = await place_of(visit, db, location)
        works = await queue.todo(db, location=location, states=["ready_for_pickup"])
        counts = await queue.counts(db, locations=[location])
    by_name = sorted(works, key=lambda work: (folded(work.customer_name or ""), work.created_at))
    return _queue(visit, place, "collect", by_name, counts)


@get("/fulfillment/{location:str}/done", opt=READ)
async def show_done(visit: NamedDependency[Visit], location: FromPath[str]) -> Response[Any]:
    """What left a location today, the last first."""
    async with visit.database.read() as db:
        place = await place_of(visit, db, location)
        done = await queue.done_today(db, location=location, limit=DONE_MAX)
        counts = await queue.counts(db, locations=[location])
    return _queue(visit, place, "done", done.works, counts, done=done.count)


@get("/fulfillment/{location:str}/find", opt=READ)
async def find_work(
    visit: NamedDependency[Visit], location: FromPath[str], code: FromQuery[str] = ""
) -> Response[Any]:
    """Open the work that a scanned or typed code means, or list that of a customer."""
    code = code.strip()
    async with visit.database.read() as db:
        place = await place_of(visit, db, location)
        found = await queue.find(db, location=location, code=code) if code else None
        waiting = await queue.todo(db, location=location, states=get_args(Waiting))
        counts = await queue.counts(db, locations=[location])
    works = [found] if found else [work for work in waiting if _is_for(work, code)]
    if len(works) == 1:
        return visit.onward(f"/fulfillment/{location}/{works[0].id}")
    return _queue(visit, place, "found", works, counts, code=code)


async def place_of(visit: Visit, db: Db, code: str) -> Location:
    """Return a location that this person may see. Raises LocationRefused, UnknownLocation."""
    visit.person.require_location(code)
    place = (await network.of(db)).by_code.get(code)
    if place is None:
        raise UnknownLocation(code)
    return place


def _queue(
    visit: Visit,
    place: Location,
    show: str,
    works: Sequence[FulfillmentOrder],
    counts: Mapping[tuple[str, Waiting], int],
    *,
    code: str = "",
    done: int = 0,
) -> Response[Any]:
    now = clock.now()
    return page(
        visit,
        "fulfillment/queue.html",
        place=place,
        show=show,
        cards=[
            cards.card(work, zone=place.time_zone, now=now, language=visit.language)
            for work in works
        ],
        to_do=_sum(place, counts, TO_DO),
        to_collect=_sum(place, counts, ["ready_for_pickup"]),
        looked_at=now,
        clock_zone=ZoneInfo(place.time_zone),
        code=code,
        done=done,
    )


def _sum(
    place: Location, counts: Mapping[tuple[str, Waiting], int], states: Iterable[Waiting]
) -> int:
    return sum(counts[place.code, state] for state in states)


def _row(
    visit: Visit,
    place: Location,
    counts: Mapping[tuple[str, Waiting], int],
    due_at: datetime | None,
    *,
    now: datetime,
) -> Row:
    states: tuple[Waiting, ...] = get_args(Waiting)
    left = None
    if due_at is not None:
        zone = ZoneInfo(place.time_zone)
        left = time_left.told(due_at, until="anything", now=now, zone=zone, language=visit.language)
    return Row(
        place=place, counts={state: counts[place.code, state] for state in states}, left=left
    )


def _urgency(row: Row) -> tuple[bool, float, str]:
    due_at = 0.0 if row.left is None else row.left.due_at.timestamp()
    return row.left is None, due_at, folded(row.place.name)


def _is_wanted(place: Location, search: str) -> bool:
    return folded(search) in folded(f"{place.code} {place.name} {place.city}")


def _is_for(work: FulfillmentOrder, name: str) -> bool:
    return bool(name) and folded(name) in folded(work.customer_name or "")


routes = (list_queues, show_to_do, show_collect, show_done, find_work)
