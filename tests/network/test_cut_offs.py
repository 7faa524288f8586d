"""Until when a parcel must be packed, and when a calendar has been open for so long."""

from datetime import UTC, date, datetime, timedelta

import pytest

from unisono.network import calendars
from unisono.network.calendars import ExceptionalDay, Interval, NewCalendar, Week

PARIS = "Europe/Paris"
DAY = (Interval(opens="10:00", closes="19:00"),)
SHORT = (Interval(opens="10:00", closes="12:00"),)
LATE = (Interval(opens="17:30", closes="21:00"),)
SPLIT = (Interval(opens="10:00", closes="12:30"), Interval(opens="14:00", closes="19:00"))
ALL_DAY = (Interval(opens="00:00", closes="24:00"),)
STORE = NewCalendar(
    code="STORE",
    name="Store",
    weekly=Week(monday=DAY, tuesday=SPLIT, wednesday=LATE, thursday=DAY, friday=DAY),
    holidays="FR",
    exceptions=(
        ExceptionalDay(date=date(2026, 1, 8)),
        ExceptionalDay(date=date(2026, 1, 9), intervals=SHORT),
    ),
)
NIGHT = NewCalendar(
    code="NIGHT",
    name="Always",
    weekly=Week(**dict.fromkeys(Week.__struct_fields__, ALL_DAY)),
)
NEVER = NewCalendar(code="NEVER", name="Closed", weekly=Week())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "packed_by"),
    [
        # Paris is an hour ahead of UTC in winter: 16:00 there is 15:00 here.
        ("2026-01-05 08:00", "2026-01-05 15:00"),
        ("2026-01-05 14:59", "2026-01-05 15:00"),
        # What comes at the very cut-off has missed it. On Tuesday the store shuts for lunch only.
        ("2026-01-05 15:00", "2026-01-06 15:00"),
        ("2026-01-05 23:30", "2026-01-06 15:00"),
        # Wednesday opens after the cut-off, Thursday is closed by exception, Friday closes early.
        ("2026-01-06 15:00", "2026-01-09 11:00"),
        ("2026-01-09 10:59", "2026-01-09 11:00"),
        # Nobody is there on Friday afternoon, nor at the weekend.
        ("2026-01-09 11:00", "2026-01-12 15:00"),
        # 1 January is a holiday on a Thursday.
        ("2025-12-31 18:00", "2026-01-02 15:00"),
    ],
)
def test_a_parcel_leaves_by_the_next_cut_off_of_an_open_day(moment: str, packed_by: str) -> None:
    assert calendars.next_cut_off(STORE, at(moment), PARIS, cut_off="16:00") == at(packed_by)


def test_a_cut_off_in_the_lunch_break_is_met_before_it() -> None:
    for moment, packed_by in (
        ("2026-01-06 08:00", "2026-01-06 11:30"),
        ("2026-01-06 11:30", "2026-01-09 11:00"),
    ):
        assert calendars.next_cut_off(STORE, at(moment), PARIS, cut_off="13:00") == at(packed_by)


@pytest.mark.parametrize(
    ("moment", "cut_off", "packed_by"),
    [
        # Around midnight: the day is that of the location's clock.
        ("2026-01-05 22:54", "23:55", "2026-01-05 22:55"),
        ("2026-01-05 22:55", "23:55", "2026-01-06 22:55"),
        ("2026-01-05 22:59", "00:00", "2026-01-05 23:00"),
        ("2026-01-05 23:00", "00:00", "2026-01-06 23:00"),
        ("2026-01-05 23:01", "00:05", "2026-01-05 23:05"),
        # Paris leaves winter time in the night to 29 March, and summer time to 25 October.
        ("2026-03-28 12:00", "12:00", "2026-03-29 10:00"),
        ("2026-10-24 12:00", "12:00", "2026-10-25 11:00"),
        # 02:30 does not exist on 29 March, where the change is at 01:00 UTC, and comes twice on 25
        # October: the first counts.
        ("2026-03-28 12:00", "02:30", "2026-03-29 01:00"),
        ("2026-10-24 12:00", "02:30", "2026-10-25 00:30"),
        ("2026-10-25 00:30", "02:30", "2026-10-26 01:30"),
    ],
)
def test_a_cut_off_is_told_by_the_clock_of_the_location(
    moment: str, cut_off: str, packed_by: str
) -> None:
    for calendar in (None, NIGHT):
        found = calendars.next_cut_off(calendar, at(moment), PARIS, cut_off=cut_off)
        assert found == at(packed_by)


def test_the_day_is_that_of_the_location_whatever_the_offset_of_the_moment() -> None:
    # 20:00 in New York on 4 January is 10:00 on 5 January in Tokyo.
    moment = datetime.fromisoformat("2026-01-04T20:00:00-05:00")
    assert calendars.next_cut_off(None, moment, "Asia/Tokyo", cut_off="16:00") == at(
        "2026-01-05 07:00"
    )


@pytest.mark.parametrize(
    ("moment", "minutes", "reached"),
    [
        ("2026-01-05 09:30", 120, "2026-01-05 11:30"),
        # Before it opens, nothing counts; until it closes, everything.
        ("2026-01-05 05:00", 120, "2026-01-05 11:00"),
        ("2026-01-05 16:00", 120, "2026-01-05 18:00"),
        # An hour on Monday evening and one on Tuesday, half of it after lunch.
        ("2026-01-05 17:00", 120, "2026-01-06 10:00"),
        ("2026-01-06 11:00", 60, "2026-01-06 13:30"),
        # Friday is open for two hours only, then comes the weekend.
        ("2026-01-09 10:00", 90, "2026-01-12 09:30"),
    ],
)
def test_only_open_time_counts(moment: str, minutes: int, reached: str) -> None:
    time = timedelta(minutes=minutes)
    assert calendars.after_open_time(STORE, at(moment), PARIS, open_time=time) == at(reached)


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_open_time_passes_midnight_and_a_change_of_the_clock_as_it_is_lived(day: str) -> None:
    start = at(f"{day} 20:00")
    for calendar in (None, NIGHT):
        found = calendars.after_open_time(calendar, start, PARIS, open_time=timedelta(hours=9))
        assert found == start + timedelta(hours=9)


def test_a_repeated_hour_that_two_intervals_share_counts_once() -> None:
    # 02:30 comes twice on 25 October: the first interval ends at 01:30 UTC, the second begins at
    # 00:30 UTC.
    halves = (Interval(opens="01:00", closes="02:30"), Interval(opens="02:30", closes="04:00"))
    calendar = NewCalendar(code="H", name="Halves", weekly=Week(sunday=halves))
    found = calendars.after_open_time(
        calendar, at("2026-10-24 23:00"), PARIS, open_time=timedelta(hours=4)
    )
    assert found == at("2026-10-25 03:00")


def test_what_never_opens_has_no_deadline() -> None:
    moment = at("2026-01-05 08:00")
    assert calendars.next_cut_off(NEVER, moment, PARIS, cut_off="16:00") is None
    late = NewCalendar(code="L", name="Late", weekly=Week(monday=LATE))
    assert calendars.next_cut_off(late, moment, PARIS, cut_off="16:00") is None
    assert calendars.after_open_time(NEVER, moment, PARIS, open_time=timedelta(minutes=1)) is None
