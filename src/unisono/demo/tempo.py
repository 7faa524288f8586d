"""When people and carriers act: in the past at their real hours, live within seconds and minutes.

The opening of the demo tells what happened over the last days. Its moments are those of opening
hours, cut-offs and transit days, and what would happen later than now has not happened yet. The
live show is that of a short day: carriers travel ``DAY_IN_LIVE`` a day, and people work at a speed
that can be watched. How long each piece of work takes is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from unisono.core import clock
from unisono.demo import payloads
from unisono.demo.carriers import CARRIERS
from unisono.demo.retailer import CALENDARS, Location
from unisono.network import calendars

DAY_IN_LIVE = timedelta(minutes=5)
"""How long a day of carriers and customers takes in the live show."""

_CALENDARS = {each.code: payloads.calendar(each) for each in CALENDARS}
_SERVICES = {service.code: service for carrier in CARRIERS for service in carrier.services}
# By the state of the work: minutes of opening time until the next one, at least and at most.
_MINUTES: Mapping[str, tuple[int, int]] = {
    "open": (2, 30),
    "accepted": (5, 40),
    "picking": (3, 15),
}
_READY_MINUTES = 10
_COLLECTED_AFTER_HOURS = (2, 40)
# By the state of the work: seconds until the next one, in the live show.
_SECONDS: Mapping[str, tuple[int, int]] = {
    "open": (5, 50),
    "accepted": (15, 80),
    "picking": (10, 50),
    "packed": (15, 120),
    "ready_for_pickup": (60, 480),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a piece of work stands; ``service`` is how it will travel, None when it is collected.

    ``number`` is the chance that decides how long the next step takes.
    """

    state: str
    place: Location
    service: str | None
    number: float


class Tempo(Protocol):
    """Whatever says when the next thing happens, and whether it is time."""

    @property
    def pauses_seconds(self) -> tuple[float, float]:
        """How long a location waits between two looks: after one that moved something, at most."""

    def begins(self, since: datetime) -> datetime:
        """Return from when on a location may work on what could be worked on ``since`` then."""

    def next_step(self, stage: Stage, since: datetime) -> datetime:
        """Return when a location will take the next step after the one at ``since``."""

    def paced(self, moment: datetime, since: datetime) -> datetime:
        """Return when something happens that really would happen at ``moment``."""

    def has_come(self, moment: datetime) -> bool:
        """Return whether it is time."""

    def told(self, moment: datetime) -> datetime:
        """Return when to say that it happened: never in the future."""

    def reported(self, moment: datetime) -> datetime | None:
        """Return what a message says of when it happened; None where it says nothing: now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The past up to ``now``; with ``to_the_end``, what would happen later happens then as well."""

    now: datetime
    to_the_end: bool

    @property
    def pauses_seconds(self) -> tuple[float, float]:
        """As short as makes sense: only speed matters."""
        return 0.3, 2.4

    def begins(self, since: datetime) -> datetime:
        """Work can be done as soon as it is there."""
        return since

    def next_step(self, stage: Stage, since: datetime) -> datetime:
        """Return the moment that opening hours, cut-offs and customers make."""
        place = stage.place
        calendar = _CALENDARS[place.calendar]
        if stage.state == "ready_for_pickup":
            least, most = _COLLECTED_AFTER_HOURS
            since += timedelta(hours=least + stage.number * (most - least))
            open_minutes = stage.number * 30
        elif stage.state == "packed" and stage.service is not None:
            cut_off = next(
                each.at
                for each in _SERVICES[stage.service].cut_offs
                if each.location_kind == place.kind
            )
            return _found(
                calendars.next_cut_off(calendar, since, place.time_zone, cut_off=f"{cut_off:%H:%M}")
            )
        elif stage.state == "packed":
            open_minutes = stage.number * _READY_MINUTES
        else:
            least, most = _MINUTES[stage.state]
            open_minutes = least + stage.number * (most - least)
        return _found(
            calendars.after_open_time(
                calendar, since, place.time_zone, open_time=timedelta(minutes=open_minutes)
            )
        )

    def paced(self, moment: datetime, since: datetime) -> datetime:  # noqa: ARG002 - the past is as long as it was
        """Return the moment itself."""
        return moment

    def has_come(self, moment: datetime) -> bool:
        """Return whether it lies in the past."""
        return self.to_the_end or moment <= self.now

    def told(self, moment: datetime) -> datetime:
        """Return the moment, or now when that is earlier."""
        return min(moment, self.now)

    def reported(self, moment: datetime) -> datetime | None:
        """Return the moment, or now when that is earlier."""
        return self.told(moment)


class Live:
    """The present, in which days are short."""

    @property
    def pauses_seconds(self) -> tuple[float, float]:
        """Long enough to cost next to nothing, short enough to be watched."""
        return 2.0, 6.0

    def begins(self, since: datetime) -> datetime:  # noqa: ARG002 - whoever looks now begins now
        """Work begins when somebody sees it."""
        return clock.now()

    def next_step(self, stage: Stage, since: datetime) -> datetime:
        """Return a moment within seconds or a few minutes."""
        least, most = _SECONDS[stage.state]
        return since + timedelta(seconds=least + stage.number * (most - least))

    def paced(self, moment: datetime, since: datetime) -> datetime:
        """Return the moment as short days have it."""
        return since + (moment - since) * (DAY_IN_LIVE / timedelta(days=1))

    def has_come(self, moment: datetime) -> bool:
        """Return whether it lies in the past."""
        return moment <= clock.now()

    def told(self, moment: datetime) -> datetime:  # noqa: ARG002 - it happens now
        """Return now."""
        return clock.now()

    def reported(self, moment: datetime) -> datetime | None:  # noqa: ARG002 - it happens now
        """Return nothing: the system knows when it hears of it."""
        return None


def _found(moment: datetime | None) -> datetime:
    """Return a moment of a calendar that opens every week."""
    if moment is None:
        message = "a location of the demo never opens"
        raise AssertionError(message)
    return moment.astimezone(UTC)
