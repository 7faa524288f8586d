"""The time that is left for work, in words, and how urgent that is."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from unisono.console.languages import Language
from unisono.console.words import Tone

Until = Literal["van", "pickup", "anything"]
"""What the work must be ready for."""

SOON = timedelta(minutes=30)
_COUNTED_DOWN = timedelta(hours=4)
"""What is due later is told by the clock, as nobody plans a day in minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """A sentence about the time left, its tone, and the moment that it is about."""

    text: str
    tone: Tone
    due_at: datetime


def told(
    due_at: datetime, *, until: Until, now: datetime, zone: tzinfo, language: Language
) -> TimeLeft:
    """Return how much time is left until ``due_at``, on the clock of ``zone``."""
    left = due_at - now
    if left < timedelta():
        late = language.text("%(span)s late", span=language.span_exact(left))
        return TimeLeft(text=late, tone=Tone.BROKEN, due_at=due_at)
    tone = Tone.AT_RISK if left < SOON else Tone.WAITING
    if left < _COUNTED_DOWN and until != "pickup":
        text = _span(language, until, language.span_exact(left))
    else:
        text = _moment(language, until, due_at, now, zone)
    return TimeLeft(text=text, tone=tone, due_at=due_at)


def _span(language: Language, until: Until, span: str) -> str:
    if until == "van":
        return language.text("%(span)s to the van", span=span)
    return language.text("%(span)s left", span=span)


def _moment(language: Language, until: Until, due_at: datetime, now: datetime, zone: tzinfo) -> str:
    day = due_at.astimezone(zone).date()
    days = (day - now.astimezone(zone).date()).days
    values = {"time": language.clock(due_at, zone), "day": language.weekday(day)}
    if until == "van":
        today = language.text("Van at %(time)s", **values)
        tomorrow = language.text("Van tomorrow at %(time)s", **values)
        later = language.text("Van on %(day)s at %(time)s", **values)
    elif until == "pickup":
        today = language.text("Ready by %(time)s", **values)
        tomorrow = language.text("Ready by tomorrow, %(time)s", **values)
        later = language.text("Ready by %(day)s, %(time)s", **values)
    else:
        today = language.text("By %(time)s", **values)
        tomorrow = language.text("By tomorrow, %(time)s", **values)
        later = language.text("By %(day)s, %(time)s", **values)
    return (today, tomorrow)[days] if days in {0, 1} else later
