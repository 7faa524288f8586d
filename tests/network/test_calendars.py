import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from unisono.core import ids, revision
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch, VersionRequired
from unisono.network import calendars
from unisono.network.calendars import ExceptionalDay, Interval, NewCalendar, UnknownCalendar, Week

PARIS = "Europe/Paris"


def hours(opens: str, closes: str) -> Interval:
    return Interval(opens=opens, closes=closes)


def daily(*intervals: Interval) -> Week:
    return Week(**dict.fromkeys(Week.__struct_fields__, intervals))


STORE = NewCalendar(
    code="STORE",
    name="Store",
    weekly=Week(
        monday=(hours("10:00", "12:30"), hours("14:00", "19:00")),
        tuesday=(hours("10:00", "19:00"),),
        friday=(hours("10:00", "19:00"),),
    ),
    holidays="FR",
    exceptions=(
        ExceptionalDay(date=date(2026, 1, 6)),
        ExceptionalDay(date=date(2026, 5, 1), intervals=(hours("10:00", "12:00"),)),
    ),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-01-05 08:59", False),
        ("2026-01-05 09:00", True),
        ("2026-01-05 11:29", True),
        ("2026-01-05 11:30", False),
        ("2026-01-05 13:00", True),
        ("2026-01-05 18:00", False),
        # A Tuesday that is closed as an exception, and the next, which is not.
        ("2026-01-06 10:00", False),
        ("2026-01-13 10:00", True),
        # 1 May is a holiday, opened by exception; 14 July is a Tuesday and a holiday.
        ("2026-05-01 08:00", True),
        ("2026-05-01 10:00", False),
        ("2026-07-14 10:00", False),
    ],
)
def test_a_store_is_open_by_its_own_clock(moment: str, open_: bool) -> None:  # noqa: FBT001
    assert calendars.is_open(STORE, at(moment), PARIS) is open_


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-01-05 09:30", "2026-01-05 09:30"),
        ("2026-01-05 11:30", "2026-01-05 13:00"),
        # Tuesday is closed by exception, so it is Friday.
        ("2026-01-05 18:00", "2026-01-09 09:00"),
        ("2026-01-09 20:00", "2026-01-12 09:00"),
    ],
)
def test_the_next_opening_is_now_or_the_next_interval(moment: str, opening: str) -> None:
    assert calendars.next_opening(STORE, at(moment), PARIS) == at(opening)


def test_a_calendar_without_any_hours_never_opens() -> None:
    closed = NewCalendar(code="C", name="Closed", weekly=Week())
    assert calendars.next_opening(closed, at("2026-01-05 00:00"), PARIS) is None


def test_open_days_leave_out_closed_weekdays_holidays_and_exceptions() -> None:
    days = calendars.open_days(STORE, first=date(2026, 1, 1), last=date(2026, 1, 13))
    assert [day.day for day in days] == [2, 5, 9, 12, 13]


def test_opening_follows_the_clock_when_it_changes() -> None:
    morning = NewCalendar(code="M", name="Morning", weekly=daily(hours("10:00", "11:00")))
    # Paris leaves winter time in the night to 29 March 2026, and summer time to 25 October.
    for moment, opening in (
        ("2026-03-28 00:00", "2026-03-28 09:00"),
        ("2026-03-29 00:00", "2026-03-29 08:00"),
        ("2026-10-24 00:00", "2026-10-24 08:00"),
        ("2026-10-25 00:00", "2026-10-25 09:00"),
    ):
        assert calendars.next_opening(morning, at(moment), PARIS) == at(opening)


def opened(calendar: NewCalendar, first: str, last: str, zone: str) -> tuple[datetime, datetime]:
    """Return the first and the last open minute between two moments, open without a gap."""
    start = at(first)
    minutes = [
        start + timedelta(minutes=n)
        for n in range(int((at(last) - start).total_seconds() // 60))
        if calendars.is_open(calendar, start + timedelta(minutes=n), zone)
    ]
    assert minutes[-1] - minutes[0] == timedelta(minutes=len(minutes) - 1)
    return minutes[0], minutes[-1]


def test_an_hour_that_the_clock_leaves_out_shortens_what_it_is_part_of() -> None:
    # 02:00 to 03:00 does not exist on 29 March: the change is at 01:00 UTC.
    for interval, first, last in (
        (hours("01:00", "04:00"), "2026-03-29 00:00", "2026-03-29 01:59"),
        (hours("02:30", "04:00"), "2026-03-29 01:00", "2026-03-29 01:59"),
        (hours("01:00", "02:30"), "2026-03-29 00:00", "2026-03-29 00:59"),
    ):
        calendar = NewCalendar(code="N", name="Night", weekly=Week(sunday=(interval,)))
        assert opened(calendar, "2026-03-28 12:00", "2026-03-29 12:00", PARIS) == (
            at(first),
            at(last),
        )


def test_an_interval_within_the_hour_left_out_does_not_open() -> None:
    night = NewCalendar(code="N", name="Night", weekly=Week(sunday=(hours("02:15", "02:45"),)))
    assert not calendars.is_open(night, at("2026-03-29 01:30"), PARIS)
    assert calendars.next_opening(night, at("2026-03-28 12:00"), PARIS) == at("2026-04-05 00:15")


def test_an_hour_that_the_clock_repeats_is_open_once_and_for_longer() -> None:
    # 02:00 to 03:00 comes twice on 25 October: from 00:00 UTC and from 01:00 UTC.
    for interval, first, last in (
        (hours("01:00", "04:00"), "2026-10-24 23:00", "2026-10-25 02:59"),
        (hours("02:30", "04:00"), "2026-10-25 00:30", "2026-10-25 02:59"),
        (hours("01:00", "02:30"), "2026-10-24 23:00", "2026-10-25 01:29"),
    ):
        calendar = NewCalendar(code="N", name="Night", weekly=Week(sunday=(interval,)))
        assert opened(calendar, "2026-10-24 12:00", "2026-10-25 12:00", PARIS) == (
            at(first),
            at(last),
        )


def test_a_day_that_ends_at_24_goes_on_with_the_next_one() -> None:
    always = NewCalendar(code="A", name="Always", weekly=daily(hours("00:00", "24:00")))
    first, last = opened(always, "2026-03-27 00:00", "2026-03-31 00:00", PARIS)
    assert (first, last) == (at("2026-03-27 00:00"), at("2026-03-30 23:59"))
    # Beirut changes its clock at midnight: 29 March 2026 begins at 01:00.
    first, last = opened(always, "2026-03-27 00:00", "2026-03-31 00:00", "Asia/Beirut")
    assert (first, last) == (at("2026-03-27 00:00"), at("2026-03-30 23:59"))


async def test_a_calendar_is_held_as_told_and_tells_each_change(database: Database) -> None:
    async with database.transaction() as db:
        before = (await revision.current(db))["network"]
        made = await calendars.replace(db, code="STORE", calendar=STORE, version=None)
        again = await calendars.replace(db, code="STORE", calendar=STORE, version=1)
        assert (await revision.current(db))["network"] == before + 1
    assert made == again
    assert [getattr(made, field) for field in STORE.__struct_fields__] == [
        getattr(STORE, field) for field in STORE.__struct_fields__
    ]
    async with database.transaction() as db:
        renamed = NewCalendar(code="STORE", name="Renamed", weekly=STORE.weekly)
        assert (await calendars.put(db, calendar=renamed)).version == 2
    async with database.read() as db:
        assert await db.tuples(
            b"SELECT aggregate, sequence, type, data #>> '{calendar,name}' FROM core.event"
            b" ORDER BY sequence"
        ) == [
            (ids.named("calendar", "STORE"), 1, "calendar.changed", "Store"),
            (ids.named("calendar", "STORE"), 2, "calendar.changed", "Renamed"),
        ]


async def test_faults_of_a_calendar_are_all_named_and_nothing_is_held(database: Database) -> None:
    wrong = NewCalendar(
        code="W",
        name="Wrong",
        weekly=Week(
            monday=(hours("10:00", "12:00"), hours("11:00", "13:00")),
            sunday=(hours("22:00", "02:00"),),
        ),
        holidays="XX",
        exceptions=(
            ExceptionalDay(date=date(2026, 1, 1)),
            ExceptionalDay(date=date(2026, 1, 1), intervals=(hours("09:00", "09:00"),)),
        ),
    )
    async with database.transaction() as db:
        with pytest.raises(InvalidInput) as refusal:
            await calendars.put(db, calendar=wrong)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/weekly/monday/1/opens", "overlapping"),
        ("/weekly/sunday/0/closes", "not_after_opening"),
        ("/exceptions/1/intervals/0/closes", "not_after_opening"),
        ("/exceptions/1/date", "repeated"),
        ("/holidays", "unknown_country"),
    ]
    async with database.read() as db:
        with pytest.raises(UnknownCalendar):
            await calendars.get(db, code="W")


async def test_a_calendar_is_replaced_in_the_version_that_was_read(database: Database) -> None:
    async with database.transaction() as db:
        await calendars.put(db, calendar=STORE)
        with pytest.raises(VersionRequired):
            await calendars.replace(db, code="STORE", calendar=STORE, version=None)

    async def rename(name: str) -> int:
        async with database.transaction() as db:
            renamed = NewCalendar(code="STORE", name=name, weekly=Week())
            stored = await calendars.replace(db, code="STORE", calendar=renamed, version=1)
            return stored.version

    answers = await asyncio.gather(rename("A"), rename("B"), return_exceptions=True)
    assert 2 in answers
    assert [type(each) for each in answers if each != 2] == [VersionMismatch]


async def test_calendars_are_listed_by_code(database: Database) -> None:
    async with database.transaction() as db:
        for code in ("B", "A", "C"):
            calendar = NewCalendar(code=code, name=code, weekly=Week())
            await calendars.put(db, calendar=calendar)
        first = await calendars.listing(db, after=None, limit=2)
        rest = await calendars.listing(db, after=first.after, limit=2)
    assert [each.code for each in (*first.rows, *rest.rows)] == ["A", "B", "C"]
    assert rest.after is None
