"""Expected times: when goods are there if everybody keeps to the usual times; nothing is promised.

A parcel leaves by the first cut-off after it was asked for, on a day on which its location works,
and travels for the transit days of its zone. What customers collect is ready after some opening
hours.
"""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from unisono.network import calendars
from unisono.network.calendars import Interval, NewCalendar, Week
from unisono.network.locations import Location
from unisono.network.network import Network, NetworkService

_ALL_DAY = (Interval(opens="00:00", closes="24:00"),)
_WORKING_DAYS = Week(
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), _ALL_DAY)
)


def arrival(
    network: Network,
    *,
    location: Location,
    service: NetworkService,
    zone: str,
    country: str,
    at: dt.datetime,
) -> dt.datetime | None:
    """Return by when a parcel that is asked for at ``at`` is at its destination, in UTC.

    It is the end of the day of arrival, by the clock of the location. Where several rules share the
    zone's code, the longest transit counts. ``country`` is the destination's. None when the zone is
    not of this service any more, or nothing leaves the location.
    """
    transit_days = [each.transit_days for each in service.zones if each.code == zone]
    leaves = calendars.next_cut_off(
        calendar_of(network, location),
        at,
        location.time_zone,
        cut_off=service.cut_off_of(location.kind),
    )
    if leaves is None or not transit_days:
        return None
    clock = ZoneInfo(location.time_zone)
    day = arrival_day(
        leaves.astimezone(clock).date(), transit_days=max(transit_days), country=country
    )
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=clock)
    return end.astimezone(dt.UTC)


def arrival_day(departed: dt.date, *, transit_days: int, country: str) -> dt.date:
    """Return the day on which a parcel arrives that left on ``departed``.

    Nobody tells on which days a carrier works, so the careful reading counts: Monday to Friday, but
    for the public holidays of the destination's country.
    """
    calendar = _working_days(country)
    day = departed
    left = transit_days
    while left or not calendars.intervals_on(calendar, day):
        day += dt.timedelta(days=1)
        if left and calendars.intervals_on(calendar, day):
            left -= 1
    return day


def collection(
    network: Network, *, location: Location, at: dt.datetime, open_time: dt.timedelta
) -> dt.datetime | None:
    """Return by when goods that are asked for at ``at`` are ready for the customer, in UTC.

    That is after ``open_time`` of opening hours. None when the location does not open.
    """
    return calendars.after_open_time(
        calendar_of(network, location), at, location.time_zone, open_time=open_time
    )


def calendar_of(network: Network, location: Location) -> NewCalendar | None:
    """Return the opening calendar of a location; None when it is always open."""
    return None if location.calendar is None else network.calendars[location.calendar]


@lru_cache(maxsize=256)
def _working_days(country: str) -> NewCalendar:
    known = country in holidays.list_supported_countries()
    return NewCalendar(
        code=country,
        name=f"Working days of {country}",
        weekly=_WORKING_DAYS,
        holidays=country if known else None,
    )
