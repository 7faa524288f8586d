"""Opening calendars: when a location works, in its own wall-clock time."""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

import holidays
import msgspec
from msgspec import Meta, Struct

from unisono.core import ids, paging, queries, revision, versions
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.outbox import Event, Fact, add
from unisono.core.paging import Page
from unisono.core.texts import Code, Country, Line

sql = queries.beside(__file__)

AREA = "network"
# A calendar that opens in none of so many days is taken as closed for good.
SEARCH_DAYS_MAX = 400
_MIDNIGHT = "24:00"

ClockTime = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)",
        description="Wall-clock time",
        examples=["10:00"],
    ),
]
ClosingTime = Annotated[
    str,
    Meta(
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$(?!\n)",
        description="Wall-clock time; 24:00 is the end of the day",
        examples=["19:00"],
    ),
]


class UnknownCalendar(UnisonoError):
    """There is no such calendar."""

    def __init__(self, calendar: str) -> None:
        """Keep the code that was asked for."""
        super().__init__(f"there is no calendar {calendar}")
        self.calendar = calendar


class Interval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open from ``opens`` (included) to ``closes`` (not included) of one day."""

    opens: ClockTime
    closes: ClosingTime


Intervals = Annotated[tuple[Interval, ...], Meta(max_length=12)]


class Week(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The opening intervals of each weekday, in order; none means closed."""

    monday: Intervals = ()
    tuesday: Intervals = ()
    wednesday: Intervals = ()
    thursday: Intervals = ()
    friday: Intervals = ()
    saturday: Intervals = ()
    sunday: Intervals = ()


class ExceptionalDay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date with hours of its own; none means closed. It counts more than a public holiday."""

    date: dt.date
    intervals: Intervals = ()


class NewCalendar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calendar as it is told; ``holidays`` is the country whose public holidays are closed."""

    code: Annotated[Code, Meta(examples=["STORE"])]
    name: Annotated[Line, Meta(examples=["Monday to Saturday 10 to 19"])]
    weekly: Week
    holidays: Country | None = None
    exceptions: Annotated[tuple[ExceptionalDay, ...], Meta(max_length=1000)] = ()


class Calendar(NewCalendar, frozen=True, kw_only=True):
    """A calendar as it is held; ``version`` counts its changes from 1."""

    version: int


class CalendarChanged(Fact, frozen=True, kw_only=True):
    """A calendar was made or changed; it is told whole."""

    name: ClassVar = "calendar.changed"
    calendar: NewCalendar


def is_open(calendar: NewCalendar, at: dt.datetime, time_zone: str) -> bool:
    """Return whether the calendar is open at a moment (aware), in a zone (IANA name).

    An interval lasts from the first time that the clock shows its start to the last time that it
    shows its end: an hour that the clock repeats is open once, and for longer; an hour that it
    leaves out is not open, and what starts or ends in it starts or ends at the change.
    """
    zone = ZoneInfo(time_zone)
    day = at.astimezone(zone).date()
    return any(
        starts <= at < ends
        for near in _days(day - dt.timedelta(days=1), 3)
        for starts, ends in _spans(calendar, near, zone)
    )


def next_opening(calendar: NewCalendar, at: dt.datetime, time_zone: str) -> dt.datetime | None:
    """Return the first moment from ``at`` on when the calendar is open, in UTC: now, if it is.

    None when it does not open within SEARCH_DAYS_MAX days.
    """
    zone = ZoneInfo(time_zone)
    first = at.astimezone(zone).date() - dt.timedelta(days=1)
    for day in _days(first, SEARCH_DAYS_MAX + 1):
        for starts, ends in _spans(calendar, day, zone):
            if at < ends:
                return max(starts, at.astimezone(dt.UTC))
    return None


def next_cut_off(
    calendar: NewCalendar | None, at: dt.datetime, time_zone: str, *, cut_off: str
) -> dt.datetime | None:
    """Return the first moment after ``at`` by which a parcel must be packed to leave, in UTC.

    ``cut_off`` is ``HH:MM`` on the clock of the zone; of an hour that the clock repeats, the first
    counts, and of one that it leaves out, the change. A parcel leaves on days on which there is
    somebody to pack it by then: where the calendar closes before the cut-off, the last open moment
    counts; where it opens later, nothing leaves that day. Without a calendar every day counts.
    None when nothing leaves within SEARCH_DAYS_MAX days.
    """
    zone = ZoneInfo(time_zone)
    for day in _days(at.astimezone(zone).date(), SEARCH_DAYS_MAX):
        last = _moment(day, cut_off, zone, fold=0)
        if last <= at:
            continue
        if calendar is None:
            return last
        packed = [min(ends, last) for starts, ends in _spans(calendar, day, zone) if starts <= last]
        if packed and max(packed) > at:
            return max(packed)
    return None


def after_open_time(
    calendar: NewCalendar | None, at: dt.datetime, time_zone: str, *, open_time: dt.timedelta
) -> dt.datetime | None:
    """Return when the calendar will have been open for so long since ``at``, in UTC.

    It may be a closing time. Without a calendar it is always open. None when it is not open for so
    long within SEARCH_DAYS_MAX days.
    """
    reached = at.astimezone(dt.UTC)
    if calendar is None:
        return reached + open_time
    zone = ZoneInfo(time_zone)
    missing = open_time
    for day in _days(at.astimezone(zone).date() - dt.timedelta(days=1), SEARCH_DAYS_MAX + 1):
        for starts, ends in _spans(calendar, day, zone):
            # In an hour that the clock repeats, one interval may begin before another ends.
            begins = max(starts, reached)
            if ends - begins >= missing:
                return begins + missing
            if ends > begins:
                missing -= ends - begins
                reached = ends
    return None


def open_days(calendar: NewCalendar, *, first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the dates from ``first`` to ``last``, both included, on which the calendar opens."""
    return [day for day in _days(first, (last - first).days + 1) if intervals_on(calendar, day)]


def intervals_on(calendar: NewCalendar, day: dt.date) -> Sequence[Interval]:
    """Return the opening intervals of a date: exceptional day, else public holiday, else week."""
    for exception in calendar.exceptions:
        if exception.date == day:
            return exception.intervals
    if calendar.holidays is not None and day in _public_holidays(calendar.holidays, day.year):
        return ()
    weekly = calendar.weekly
    return (
        weekly.monday,
        weekly.tuesday,
        weekly.wednesday,
        weekly.thursday,
        weekly.friday,
        weekly.saturday,
        weekly.sunday,
    )[day.weekday()]


async def put(db: Db, *, calendar: NewCalendar) -> Calendar:
    """Make or change a calendar; as it already is, it keeps its version and tells nothing.

    Raises InvalidInput naming each interval, date and country that cannot be.
    """
    faults = _faults(calendar)
    if faults:
        raise InvalidInput(*faults)
    version = await db.value(
        sql.put,
        {
            "code": calendar.code,
            "name": calendar.name,
            "weekly": msgspec.json.encode(calendar.weekly).decode(),
            "holidays": calendar.holidays,
            "exceptions": msgspec.json.encode(calendar.exceptions).decode(),
        },
    )
    if version is not None:
        await revision.bump(db, AREA)
        aggregate = ids.named("calendar", calendar.code)
        await add(
            db,
            [Event(aggregate=aggregate, sequence=version, fact=CalendarChanged(calendar=calendar))],
        )
    return await get(db, code=calendar.code)


async def replace(db: Db, *, code: str, calendar: NewCalendar, version: int | None) -> Calendar:
    """Make this calendar (``version`` None) or change the version that was read, and return it.

    ``code`` is where it is put. Raises VersionRequired, VersionMismatch, and InvalidInput as
    ``put`` does.
    """
    return await versions.replaced(
        db,
        what="calendar",
        addressed=code,
        given=calendar.code,
        version=version,
        lock=sql.lock,
        put=lambda: put(db, calendar=calendar),
    )


async def get(db: Db, *, code: str) -> Calendar:
    """Return a calendar. Raises UnknownCalendar."""
    for row in await db.tuples(sql.by_code, {"code": code}):
        return _calendar(row)
    raise UnknownCalendar(code)


async def listing(db: Db, *, after: str | None, limit: int) -> Page[Calendar]:
    """Return calendars by code, ``limit`` after the cursor ``after``.

    Raises InvalidInput when ``after`` is not a cursor of this listing.
    """
    rows = await db.tuples(
        sql.listing,
        {"after": None if after is None else paging.decode(after, str), "limit": limit + 1},
    )
    calendars = [_calendar(row) for row in rows]
    return paging.page(calendars, limit=limit, key=lambda calendar: calendar.code)


async def every(db: Db) -> list[Calendar]:
    """Return every calendar, for the snapshot of the network."""
    return [_calendar(row) for row in await db.tuples(sql.every)]


def _calendar(row: Sequence[Any]) -> Calendar:
    code, name, weekly, closed_on, exceptions, version = row
    return Calendar(
        code=code,
        name=name,
        weekly=msgspec.convert(weekly, Week),
        holidays=closed_on,
        exceptions=msgspec.convert(exceptions, tuple[ExceptionalDay, ...]),
        version=version,
    )


def _faults(calendar: NewCalendar) -> list[Fault]:
    faults: list[Fault] = []
    for weekday in Week.__struct_fields__:
        pointer = f"/weekly/{weekday}"
        faults.extend(_interval_faults(getattr(calendar.weekly, weekday), pointer))
    dates: set[dt.date] = set()
    for n, exception in enumerate(calendar.exceptions):
        pointer = f"/exceptions/{n}"
        faults.extend(_interval_faults(exception.intervals, f"{pointer}/intervals"))
        if exception.date in dates:
            detail = f"{exception.date} is given twice"
            faults.append(Fault(pointer=f"{pointer}/date", code="repeated", detail=detail))
        dates.add(exception.date)
    if calendar.holidays is not None and calendar.holidays not in _countries():
        detail = f"the public holidays of {calendar.holidays} are not known"
        faults.append(Fault(pointer="/holidays", code="unknown_country", detail=detail))
    return faults


def _interval_faults(intervals: Iterable[Interval], pointer: str) -> Iterable[Fault]:
    """Name what is not after what comes before it; times of this form sort as text."""
    before = ""
    for n, interval in enumerate(intervals):
        if interval.opens < before:
            detail = f"{interval.opens} is before {before}, when the interval before it closes"
            yield Fault(pointer=f"{pointer}/{n}/opens", code="overlapping", detail=detail)
        if interval.closes <= interval.opens:
            detail = f"{interval.closes} is not after {interval.opens}; write 24:00 for midnight"
            yield Fault(pointer=f"{pointer}/{n}/closes", code="not_after_opening", detail=detail)
        before = interval.closes


def _days(first: dt.date, count: int) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=n) for n in range(count))


def _spans(
    calendar: NewCalendar, day: dt.date, zone: ZoneInfo
) -> Iterable[tuple[dt.datetime, dt.datetime]]:
    """Give the opening intervals of a date as moments in UTC; one that the clock skips is none."""
    for interval in intervals_on(calendar, day):
        starts = _moment(day, interval.opens, zone, fold=0)
        ends = _moment(day, interval.closes, zone, fold=1)
        if starts < ends:
            yield starts, ends


def _moment(day: dt.date, clock: str, zone: ZoneInfo, *, fold: int) -> dt.datetime:
    """Return when the clock shows this: the first (0) or last (1) time, or the change over it."""
    if clock == _MIDNIGHT:
        day, clock = day + dt.timedelta(days=1), "00:00"
    shown = dt.datetime.combine(day, dt.time.fromisoformat(clock))
    moment = shown.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == shown:
        return moment
    # The clock leaves this time out. Read with the offset that comes after, it lies before the
    # change, and the change is the first minute from there that shows a later time.
    moment = shown.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    while moment.astimezone(zone).replace(tzinfo=None) < shown:
        moment += dt.timedelta(minutes=1)
    return moment


def warm() -> None:
    """Load what public holidays are computed with, which takes a second, once in a process."""
    _public_holidays("FR", dt.datetime.now(dt.UTC).year)


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=512)
def _public_holidays(country: str, year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays(country, years=year))
