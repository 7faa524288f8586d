"""What a list of orders was asked for: filters that stand in its address and can be taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import get_args
from urllib.parse import urlencode

from unisono.console.languages import Language
from unisono.core.errors import Fault, InvalidInput
from unisono.orders.listing import OrderFilter
from unisono.orders.states import OrderState

ADDRESS = "/orders"
NUMBER_DIGITS_MAX = 18
"""More than any order number has; what is longer does not fit where numbers are kept."""

_STATES: Mapping[str, OrderState] = {state: state for state in get_args(OrderState)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter that is set, in words, and the address of the list without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Filters as the address has them; an empty text lets everything through.

    ``channel`` and ``location`` are codes; days are ISO dates, both included.
    """

    search: str = ""
    state: str = ""
    channel: str = ""
    location: str = ""
    placed_from: str = ""
    placed_to: str = ""

    @staticmethod
    def asked(query: Mapping[str, str]) -> "Finding":
        """Return what an address asks for; a state that there is not is left out."""
        given = {name: query.get(name, "").strip() for name in Finding.__dataclass_fields__}
        if given["state"] not in _STATES:
            given["state"] = ""
        return Finding(**given)

    @property
    def is_only_a_search(self) -> bool:
        """Whether words are all that is asked for."""
        return bool(self.search) and self == Finding(search=self.search)

    @property
    def is_everything(self) -> bool:
        """Whether nothing but perhaps a state is asked for."""
        return replace(self, state="") == Finding()

    @property
    def number(self) -> int | None:
        """Return the order number that the search is, if it is one."""
        return number_in(self.search.removeprefix("#"))

    def address(self, *, after: str | None = None, **changed: str) -> str:
        """Return the address of this list, with other values for some filters."""
        asked = replace(self, **changed)
        given = {name: getattr(asked, name) for name in Finding.__dataclass_fields__}
        query = {name: value for name, value in {**given, "after": after}.items() if value}
        return f"{ADDRESS}?{urlencode(query)}" if query else ADDRESS

    def filter(self, zone: tzinfo) -> OrderFilter:
        """Return the filter of the area; days are those of a time zone. Raises InvalidInput."""
        until = _day(self.placed_to, "/placed_to")
        return OrderFilter(
            channel=self.channel or None,
            states=(_STATES[self.state],) if self.state else (),
            location=self.location or None,
            placed_from=_midnight(_day(self.placed_from, "/placed_from"), zone),
            placed_to=_midnight(None if until is None else until + timedelta(days=1), zone),
            search=self.search or None,
        )

    def chips(
        self, language: Language, *, channels: Mapping[str, str], locations: Mapping[str, str]
    ) -> Sequence[Chip]:
        """Return what is set, but for the state, which has its tab; names are by code."""
        said = {
            "search": language.text("“%(words)s”", words=self.search),
            "channel": language.text(
                "Channel: %(name)s", name=channels.get(self.channel, self.channel)
            ),
            "location": language.text(
                "Location: %(name)s", name=locations.get(self.location, self.location)
            ),
            "placed_from": language.text("From %(day)s", day=_shown(self.placed_from, language)),
            "placed_to": language.text("Until %(day)s", day=_shown(self.placed_to, language)),
        }
        return [
            Chip(text=text, without=self.address(**{name: ""}))
            for name, text in said.items()
            if getattr(self, name)
        ]


def number_in(text: str) -> int | None:
    """Return the order number that a text is, if it is one."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MAX
    return int(text) if is_number else None


def _day(text: str, pointer: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fault = Fault(pointer=pointer, code="wrong_format", detail=f"“{text}” is not a day")
        raise InvalidInput(fault) from None


def _midnight(day: date | None, zone: tzinfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, tzinfo=zone)


def _shown(text: str, language: Language) -> str:
    day = _day(text, "")
    return "" if day is None else language.day(day)
