"""How a parcel travels: the moments at which its carrier tells something of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from unisono.demo.carriers import CARRIERS, Service
from unisono.demo.fates import Fate
from unisono.demo.places import Destination, distance_km
from unisono.demo.retailer import TIME_ZONE, Location
from unisono.fulfillment.deliver import Milestone
from unisono.network import calendars
from unisono.network.calendars import Interval, NewCalendar, Week

Told = tuple[Milestone, datetime]
"""A milestone and when it is reached."""

SERVICES = {service.code: service for carrier in CARRIERS for service in carrier.services}
"""Those that are simulated, by code; a visitor may have made others."""
_ALL_DAY = (Interval(opens="00:00", closes="24:00"),)
_BUT_FOR_HOLIDAYS = NewCalendar(
    code="CARRIERS",
    name="Every day but public holidays",
    weekly=Week(**dict.fromkeys(Week.__struct_fields__, _ALL_DAY)),
    holidays="FR",
)
_IN_TRANSIT_AFTER = timedelta(hours=3)
_LEAVES_DEPOT = time(7, 30)
_FIRST_DOOR = time(9)
_ROUND = timedelta(hours=9)
"""How long a driver is out; every door is reached within it."""


def milestones(
    *,
    service: str,
    origin: Location,
    destination: Destination | None,
    shipped_at: datetime,
    fate: Fate,
    number: float,
) -> tuple[Told, ...]:
    """Return what the carrier will tell, each later than the one before.

    Days of transit are those on which the service delivers, but for public holidays, counted from
    the day after it was shipped. ``number``, from 0 to 1, is the place in the driver's round.
    Without a destination it goes as far as the service does.
    """
    carried = SERVICES[service]
    days = _delivery_days(carried, shipped_at)
    told: list[Told] = [("in_transit", shipped_at + _IN_TRANSIT_AFTER)]
    day = next(days)
    for _ in range(_transit_days(carried, origin, destination) - 1):
        day = next(days)
    if fate.days_late:
        told.append(("delayed", _at(day, _FIRST_DOOR)))
        for _ in range(fate.days_late):
            day = next(days)
    door = _at(day, _FIRST_DOOR) + number * _ROUND
    told.append(("out_for_delivery", _at(day, _LEAVES_DEPOT)))
    if fate.nobody_opens:
        told.append(("attempted_delivery", door))
        day = next(days)
        door = _at(day, _FIRST_DOOR) + number * _ROUND
        told.append(("out_for_delivery", _at(day, _LEAVES_DEPOT)))
    return (*told, ("delivered", door))


def _delivery_days(service: Service, shipped_at: datetime) -> Iterator[date]:
    day = shipped_at.astimezone(ZoneInfo(TIME_ZONE)).date()
    while True:
        day += timedelta(days=1)
        works = calendars.intervals_on(_BUT_FOR_HOLIDAYS, day)
        if works and day.isoweekday() in service.delivery_weekdays:
            yield day


def _transit_days(service: Service, origin: Location, destination: Destination | None) -> int:
    if destination is None:
        return service.zones[-1].transit_days
    kilometres = float(
        distance_km(origin.latitude, origin.longitude, destination.latitude, destination.longitude)
    )
    return next(
        zone.transit_days
        for zone in service.zones
        if zone.distance_max_km is None or kilometres <= zone.distance_max_km
    )


def _at(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, ZoneInfo(TIME_ZONE)).astimezone(UTC)
