"""Calendars: the weeks that locations keep, and the days that are different."""

from collections import Counter
from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from unisono.console.guard import needs
from unisono.console.network import hours
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core import clock
from unisono.core.texts import folded
from unisono.network import network
from unisono.network.calendars import UnknownCalendar
from unisono.network.special_days import special_days

DAYS_AHEAD = 366


@get("/network/calendars", opt=needs("network:read"))
async def list_calendars(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every calendar, by name."""
    async with visit.database.read() as db:
        everywhere = await network.of(db)
    calendars = sorted(everywhere.calendars.values(), key=lambda each: folded(each.name))
    return page(
        visit,
        "network/calendars.html",
        calendars=[(each, hours.summary(visit.language, each)) for each in calendars],
        countries=visit.language.locale.territories,
        used=Counter(each.calendar for each in everywhere.locations),
    )


@get("/network/calendars/{code:str}", opt=needs("network:read"))
async def show_calendar(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """One calendar: its week, a year of special days, and the locations that keep it."""
    async with visit.database.read() as db:
        everywhere = await network.of(db)
    calendar = everywhere.calendars.get(code)
    if calendar is None:
        raise UnknownCalendar(code)
    today = clock.now().astimezone(visit.zone).date()
    days = special_days(
        calendar,
        first=today,
        last=today + timedelta(days=DAYS_AHEAD),
        language=visit.language.code,
    )
    return page(
        visit,
        "network/calendar.html",
        calendar=calendar,
        country=visit.language.locale.territories.get(calendar.holidays or "", calendar.holidays),
        week=hours.week(visit.language, calendar, today=today),
        ahead=hours.ahead(visit.language, days),
        locations=sorted(
            (each for each in everywhere.locations if each.calendar == code),
            key=lambda each: folded(each.name),
        ),
    )
