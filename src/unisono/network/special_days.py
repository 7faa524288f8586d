"""Days that are not as a calendar's week says: exceptional ones, and public holidays by name."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import holidays

from unisono.network import calendars
from unisono.network.calendars import Interval, NewCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A date with its opening intervals (none: closed); ``holiday`` is the name if it is one."""

    date: dt.date
    holiday: str | None
    intervals: Sequence[Interval]


def special_days(
    calendar: NewCalendar, *, first: dt.date, last: dt.date, language: str
) -> list[SpecialDay]:
    """Return the special dates from ``first`` to ``last``, both included, in order.

    A public holiday on a weekday that is closed anyway is none, unless it has hours of its own.
    Holidays are named in ``language`` (ISO 639-1) where their names are known in it, else in one of
    their country.
    """
    exceptional = {each.date for each in calendar.exceptions}
    names = _names(calendar, first, last, language)
    ordinary = _without_special_days(calendar)
    return [
        SpecialDay(
            date=day, holiday=names.get(day), intervals=calendars.intervals_on(calendar, day)
        )
        for day in sorted(exceptional | names.keys())
        if first <= day <= last and (day in exceptional or calendars.intervals_on(ordinary, day))
    ]


def _names(
    calendar: NewCalendar, first: dt.date, last: dt.date, language: str
) -> dict[dt.date, str]:
    if calendar.holidays is None:
        return {}
    return {
        day: name
        for year in range(first.year, last.year + 1)
        for day, name in _holidays(calendar.holidays, year, language).items()
    }


def _without_special_days(calendar: NewCalendar) -> NewCalendar:
    return NewCalendar(code=calendar.code, name=calendar.name, weekly=calendar.weekly)


@lru_cache(maxsize=512)
def _holidays(country: str, year: int, language: str) -> Mapping[dt.date, str]:
    known = holidays.country_holidays(country)
    # A language is named with a country where that matters: English as that of the United States.
    spoken = (each for each in sorted(known.supported_languages) if each.split("_")[0] == language)
    chosen = next(spoken, known.default_language)
    return MappingProxyType(dict(holidays.country_holidays(country, years=year, language=chosen)))
