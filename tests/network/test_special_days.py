"""Days that are not as a week says: exceptional ones, and public holidays by name."""

from datetime import date

import pytest

from unisono.network.calendars import ExceptionalDay, Interval, NewCalendar, Week
from unisono.network.special_days import SpecialDay, special_days

DAY = (Interval(opens="10:00", closes="19:00"),)
SHORT = (Interval(opens="10:00", closes="12:00"),)
WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def calendar(*exceptions: ExceptionalDay, country: str | None = "FR") -> NewCalendar:
    return NewCalendar(
        code="STORE",
        name="Store",
        weekly=Week(**dict.fromkeys(WORKING_DAYS, DAY)),
        holidays=country,
        exceptions=exceptions,
    )


def days(kept: NewCalendar, language: str = "en") -> list[SpecialDay]:
    return special_days(kept, first=date(2026, 4, 25), last=date(2026, 5, 31), language=language)


def test_public_holidays_are_told_by_name_unless_the_day_is_closed_anyway() -> None:
    # 25 May is the Monday after Pentecost.
    assert [(each.date, each.holiday, each.intervals) for each in days(calendar())] == [
        (date(2026, 5, 1), "Labor Day", ()),
        (date(2026, 5, 8), "Victory Day", ()),
        (date(2026, 5, 14), "Ascension Day", ()),
        (date(2026, 5, 25), "Pentecost Monday", ()),
    ]


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("FR", "fr", "Fête du Travail"),
        ("DE", "de", "Erster Mai"),
        # Nobody translated them, so they are told as their country does.
        ("DE", "fr", "Erster Mai"),
    ],
)
def test_holidays_are_named_in_the_language_where_that_is_known(
    country: str, language: str, name: str
) -> None:
    assert days(calendar(country=country), language)[0].holiday == name


def test_exceptional_days_come_between_and_count_more() -> None:
    kept = calendar(
        # A Sunday that is open, a holiday that is open for two hours, a Tuesday that is closed.
        ExceptionalDay(date=date(2026, 5, 3), intervals=DAY),
        ExceptionalDay(date=date(2026, 5, 1), intervals=SHORT),
        ExceptionalDay(date=date(2026, 5, 5)),
        ExceptionalDay(date=date(2026, 6, 1)),
    )
    assert [(each.date.day, each.holiday, each.intervals) for each in days(kept)[:4]] == [
        (1, "Labor Day", SHORT),
        (3, None, DAY),
        (5, None, ()),
        (8, "Victory Day", ()),
    ]
    assert days(kept)[-1].date == date(2026, 5, 25)


def test_a_calendar_without_a_country_has_exceptional_days_alone() -> None:
    assert days(calendar(country=None)) == []
