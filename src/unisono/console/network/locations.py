"""Locations: all of them, and one with its hours, its carriers and the work that waits there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from unisono.console.guard import needs
from unisono.console.network import hours
from unisono.console.network.sketch import sketch
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core import clock
from unisono.core.database import Db
from unisono.core.texts import folded
from unisono.fulfillment import queue
from unisono.identity.keys import Principal
from unisono.network import calendars, expected, network
from unisono.network.carriers import Carrier, Service
from unisono.network.locations import Location, UnknownLocation
from unisono.network.network import Network
from unisono.network.special_days import special_days

DAYS_AHEAD = 120
"""For so long the days are told that are not as the week says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting:
    """A service whose carrier collects at a location, and the next parcel that it takes along.

    ``cut_off`` is on the location's clock; ``leaves`` is None when it never opens by then.
    """

    carrier: Carrier
    service: Service
    cut_off: str
    leaves: datetime | None


@get("/network", opt=needs("network:read"))
async def list_locations(
    visit: NamedDependency[Visit], search: FromQuery[str] = "", kind: FromQuery[str] = ""
) -> Response[Any]:
    """Every location, by name; a network has hundreds at most, so all are on one page."""
    async with visit.database.read() as db:
        everywhere = await network.of(db)
    shown = sorted(
        (each for each in everywhere.locations if _is_wanted(each, search, kind)),
        key=lambda location: folded(location.name),
    )
    return page(
        visit,
        "network/locations.html",
        locations=shown,
        total=len(everywhere.locations),
        kinds={each.kind for each in everywhere.locations},
        sketch=sketch(everywhere.locations, shown={each.code for each in shown}),
        search=search,
        kind=kind,
    )


@get("/network/locations/{code:str}", opt=needs("network:read"))
async def show_location(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """One location: where it is, when it is open, what it does, who collects there."""
    async with visit.database.read() as db:
        everywhere = await network.of(db)
        location = everywhere.by_code.get(code)
        if location is None:
            raise UnknownLocation(code)
        work = await _work(db, visit.person, code)
    zone, now = ZoneInfo(location.time_zone), clock.now()
    today = now.astimezone(zone).date()
    calendar = expected.calendar_of(everywhere, location)
    return page(
        visit,
        "network/location.html",
        location=location,
        country=visit.language.locale.territories.get(location.country, location.country),
        local_zone=zone,
        work=work,
        calendar=calendar,
        is_open=calendar is None or calendars.is_open(calendar, now, location.time_zone),
        opens=calendar and calendars.next_opening(calendar, now, location.time_zone),
        week=calendar and hours.week(visit.language, calendar, today=today),
        ahead=calendar
        and hours.ahead(
            visit.language,
            special_days(
                calendar,
                first=today,
                last=today + timedelta(days=DAYS_AHEAD),
                language=visit.language.code,
            ),
        ),
        collecting=[
            (each, hours.clock_time(visit.language, each.cut_off))
            for each in _collecting(everywhere, location, now)
        ],
        sketch=sketch(everywhere.locations, shown={code}),
    )


def _is_wanted(location: Location, search: str, kind: str) -> bool:
    text = folded(f"{location.code} {location.name} {location.city}")
    return folded(search) in text and kind in {"", location.kind}


async def _work(db: Db, person: Principal, code: str) -> Mapping[str, int] | None:
    """Return how much work waits there by state; None for people who may not know."""
    is_theirs = not person.locations or code in person.locations
    if "fulfillment:read" not in person.scopes or not is_theirs:
        return None
    return {
        state: count for (_, state), count in (await queue.counts(db, locations=[code])).items()
    }


def _collecting(everywhere: Network, location: Location, now: datetime) -> Sequence[Collecting]:
    if not location.ships:
        return []
    calendar = expected.calendar_of(everywhere, location)
    return [
        Collecting(
            carrier=carrier,
            service=service,
            cut_off=service.cut_off_of(location.kind),
            leaves=calendars.next_cut_off(
                calendar, now, location.time_zone, cut_off=service.cut_off_of(location.kind)
            ),
        )
        for carrier in sorted(everywhere.carriers.values(), key=lambda each: folded(each.name))
        for service in carrier.services
        if not service.locations or location.code in service.locations
    ]
