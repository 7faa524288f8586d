"""Opening hours in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby
from typing import Any, cast

from babel import dates

from unisono.console.languages import Language
from unisono.network.calendars import Interval, NewCalendar, Week
from unisono.network.special_days import SpecialDay

_MIDNIGHT = "24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When something is open on the days that ``days`` names; ``holiday`` is what they are."""

    days: str
    hours: str
    is_open: bool
    is_today: bool = False
    holiday: str | None = None


def week(language: Language, calendar: NewCalendar, *, today: date) -> Sequence[Hours]:
    """Return the seven days of a week."""
    return [
        Hours(
            days=_name(language, n, width="wide"),
            hours=said(language, intervals),
            is_open=bool(intervals),
            is_today=n == today.weekday(),
        )
        for n, intervals in enumerate(_intervals(calendar))
    ]


def summary(language: Language, calendar: NewCalendar) -> Sequence[Hours]:
    """Return the open days of a week, those that follow each other with the same hours as one."""
    rows = []
    for intervals, group in groupby(enumerate(_intervals(calendar)), key=lambda each: each[1]):
        numbers = [n for n, _ in group]
        names = [_name(language, n, width="abbreviated") for n in (numbers[0], numbers[-1])]
        if intervals:
            days = (
                names[0]
                if len(numbers) == 1
                else language.text("%(first)s to %(last)s", first=names[0], last=names[1])
            )
            rows.append(Hours(days=days, hours=said(language, intervals), is_open=True))
    return rows


def ahead(language: Language, days: Sequence[SpecialDay]) -> Sequence[Hours]:
    """Return special days with their hours, named as holidays where they are."""
    return [
        Hours(
            days=language.weekday(each.date),
            hours=said(language, each.intervals),
            is_open=bool(each.intervals),
            holiday=each.holiday,
        )
        for each in days
    ]


def said(language: Language, intervals: Sequence[Interval]) -> str:
    """Return intervals in words: “10:00 to 12:30, 14:00 to 19:00”, or that it is closed."""
    if not intervals:
        return language.text("Closed")
    return ", ".join(
        language.text(
            "%(opens)s to %(closes)s",
            opens=clock_time(language, each.opens),
            closes=clock_time(language, each.closes),
        )
        for each in intervals
    )


def clock_time(language: Language, text: str) -> str:
    """Return a wall-clock time ``HH:MM`` as the language writes it."""
    if text == _MIDNIGHT:
        return language.text("midnight")
    return dates.format_time(time.fromisoformat(text), format="short", locale=language.locale)


def _intervals(calendar: NewCalendar) -> Sequence[Sequence[Interval]]:
    return [getattr(calendar.weekly, weekday) for weekday in Week.__struct_fields__]


def _name(language: Language, weekday: int, *, width: str) -> str:
    names: Any = cast("Any", language.locale.days)["stand-alone"][width]
    name = str(names[weekday])
    return name[:1].upper() + name[1:]
