"""The customer's page: where an order is, when it comes, what to do now.

It is open to whoever has its link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Struct

from unisono.analytics import facts
from unisono.console import colours
from unisono.console.area import Pages
from unisono.console.guard import EVERYBODY
from unisono.console.languages import Language
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.console.words import mark
from unisono.core import clock
from unisono.core.database import Db
from unisono.core.errors import VersionMismatch
from unisono.network.calendars import Interval
from unisono.orders.cancel import NothingToCancel
from unisono.tracking import cancel, links, timeline
from unisono.tracking.cancel import TooLateToCancel
from unisono.tracking.links import UnknownTracking
from unisono.tracking.standing import URGENT, Kind, StageName, Standing, standing
from unisono.tracking.timeline import CollectionPlace, Step, Timeline, TrackedItem, TrackedPackage

HEADLINES: Mapping[Kind, str] = MappingProxyType(
    {
        "cancelled": mark("Your order was cancelled"),
        "on_hold": mark("We have received your order"),
        "waiting": mark("Your order waits for new stock"),
        "in_preparation": mark("We are preparing your order"),
        "partly_shipped": mark("A part of your order is on its way"),
        "shipped": mark("Your order is on its way"),
        "out_for_delivery": mark("Your order is out for delivery"),
        "attempted_delivery": mark("The carrier tried to deliver"),
        "delayed": mark("The carrier needs longer"),
        "failure": mark("The carrier cannot deliver"),
        "returning_to_sender": mark("A package is on its way back to us"),
        "partly_delivered": mark("A part of your order has arrived"),
        "delivered": mark("Your order was delivered"),
        "partly_ready": mark("A part of your order is ready to collect"),
        "ready_for_pickup": mark("Your order is ready to collect"),
        "picked_up": mark("You have your order"),
    }
)
"""Where it is."""

ADVICE: Mapping[Kind, str] = MappingProxyType(
    {
        "cancelled": mark("Nothing of it will be sent."),
        "on_hold": mark("We are checking it before we prepare it. You need not do anything."),
        "waiting": mark(
            "What you ordered is not in stock at the moment. We go on looking for it: "
            "you need not do anything."
        ),
        "in_preparation": mark("You need not do anything now."),
        "partly_shipped": mark("The rest follows in another package."),
        "shipped": mark("You need not do anything now."),
        "out_for_delivery": mark("Somebody should be there to take it."),
        "attempted_delivery": mark(
            "Look for a notice of the carrier: it says what happens next. With the tracking number "
            "the carrier can help you."
        ),
        "delayed": mark("You need not do anything. This page shows what the carrier tells us."),
        "failure": mark("Please turn to us: we find out what happened."),
        "returning_to_sender": mark("Please turn to us: we find a way together."),
        "partly_delivered": mark("The rest is still to come."),
        "delivered": mark("Is something missing, damaged or wrong? Please turn to us."),
        "partly_ready": mark("You may come now, or wait until everything is there."),
        "ready_for_pickup": mark("Come whenever it suits you, during the opening hours."),
        "picked_up": mark("Is something missing, damaged or wrong? Please turn to us."),
    }
)
"""What to do now."""

TROUBLES = frozenset(("attempted_delivery", "delayed", "failure", "returning_to_sender"))

STAGES: Mapping[StageName, str] = MappingProxyType(
    {
        "ordered": mark("Ordered"),
        "prepared": mark("Prepared"),
        "shipped": mark("On its way"),
        "delivered": mark("Delivered"),
        "ready_for_pickup": mark("Ready to collect"),
        "picked_up": mark("Collected"),
    }
)

MILESTONES: Mapping[str, str] = MappingProxyType(
    {
        "label_printed": mark("The carrier expects it"),
        "carrier_picked_up": mark("Handed to the carrier"),
        "in_transit": mark("On its way"),
        "out_for_delivery": mark("Out for delivery"),
        "attempted_delivery": mark("The carrier tried to deliver"),
        "delayed": mark("The carrier needs longer"),
        "delivered": mark("Delivered"),
        "failure": mark("The carrier cannot deliver"),
        "returning_to_sender": mark("On its way back to us"),
    }
)
"""What a carrier tells of a package."""

GROUPS: Sequence[tuple[str, str]] = (
    ("ready_for_pickup", mark("Ready to collect")),
    ("picked_up", mark("Collected")),
    ("prepared", mark("Packed")),
    ("in_preparation", mark("Being prepared")),
    ("waiting", mark("Waiting for new stock")),
    ("cancelled", mark("Not sent: cancelled")),
)
"""What is in no package on its way, by state, in the order in which it is shown."""

_WHOLE = mark("What you ordered")
"""Stands over the articles when all of them stand alike: the headline says how."""


_WHEN: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "expected": (
            mark("Expected today"),
            mark("Expected by tomorrow"),
            mark("Expected by %(day)s"),
        ),
        "ready_by": (
            mark("Probably ready today at %(time)s"),
            mark("Probably ready tomorrow at %(time)s"),
            mark("Probably ready on %(day)s at %(time)s"),
        ),
        "ready_for_pickup": (
            mark("Ready since today, %(time)s"),
            mark("Ready since %(day)s"),
            mark("Ready since %(day)s"),
        ),
        "delivered": (
            mark("Delivered today at %(time)s"),
            mark("Delivered on %(day)s at %(time)s"),
            mark("Delivered on %(day)s at %(time)s"),
        ),
        "picked_up": (
            mark("Collected today at %(time)s"),
            mark("Collected on %(day)s at %(time)s"),
            mark("Collected on %(day)s at %(time)s"),
        ),
    }
)
"""When: for today, for tomorrow, for any other day."""

_OPENING_DAYS_SHOWN = 2
_NOON = timedelta(hours=12)


class Confirmed(Struct, frozen=True, kw_only=True):
    """The form that cancels: the version of the order that its customer saw."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStage:
    """A stage on the way; ``day`` is empty when nobody told when it was reached."""

    title: str
    reached: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPackage:
    """A package with its steps, the newest first, and what is in it; ``state`` is a milestone."""

    package: TrackedPackage
    state: str
    steps: tuple[Step, ...]
    items: tuple[TrackedItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGroup:
    """What is in no package on its way and stands alike."""

    state: str
    title: str
    items: tuple[TrackedItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDay:
    """A day's name, and its opening hours; none means closed."""

    name: str
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where a customer turns to; ``href`` is None for what can only be read."""

    text: str
    href: str | None


def _unknown(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    return _page(_visit(request), "unknown.html", status=404)


def _moved_on(request: Request[Any, Any, Any], raised: Exception) -> Response[Any]:
    visit = _visit(request)
    status = 412 if isinstance(raised, VersionMismatch) else 409
    back = visit.url.path.removesuffix("/cancel")
    return _page(visit, "moved_on.html", status=status, back=back)


_PROBLEMS: dict[int | type[Exception], Any] = {
    UnknownTracking: _unknown,
    VersionMismatch: _moved_on,
    NothingToCancel: _moved_on,
    TooLateToCancel: _moved_on,
}
"""What goes wrong is told to customers on pages of their own."""


@get("/track/{token:str}", opt=EVERYBODY, exception_handlers=_PROBLEMS)
async def show_tracking(visit: NamedDependency[Visit], token: FromPath[str]) -> Response[Any]:
    """Where an order is, for whoever has its link."""
    order_id = links.order_of(token, key=await links.key(visit.database))
    async with visit.database.read() as db:
        found = await timeline.of_order(db, order_id=order_id)
        fact = (await facts.held(db, order_ids=[order_id])).orders.get(order_id)
    now = clock.now()
    stands = standing(found, expected_by=None if fact is None else fact.expected_by, now=now)
    place = found.collect_at
    zone = visit.zone if place is None else ZoneInfo(place.time_zone)
    groups = _groups(found)
    return _page(
        visit,
        "order.html",
        token=token,
        order=found,
        standing=stands,
        zone=zone,
        headline=HEADLINES[stands.kind],
        advice=ADVICE[stands.kind],
        troubles=TROUBLES,
        when_it_comes=_when(
            visit.language, stands, is_fetched=place is not None, zone=zone, now=now
        ),
        stages=_stages(visit.language, stands, zone),
        milestones=MILESTONES,
        packages=() if place is not None else _packages(found),
        all_sent=all(group.state == "cancelled" for group in groups),
        groups=groups,
        opening=() if place is None else _opening(visit.language, place, now.astimezone(zone)),
    )


@get("/track/{token:str}/cancel", opt=EVERYBODY, exception_handlers=_PROBLEMS)
async def ask_to_cancel(visit: NamedDependency[Visit], token: FromPath[str]) -> Response[Any]:
    """Ask whether the order shall be cancelled, before anything is."""
    order_id = links.order_of(token, key=await links.key(visit.database))
    async with visit.database.read() as db:
        found = await timeline.of_order(db, order_id=order_id)
    if not found.cancellable:
        message = f"order {found.order_number} has left or was cancelled"
        raise TooLateToCancel(message)
    items = [each for each in found.items if each.state != "cancelled"]
    return _page(visit, "cancel.html", token=token, order=found, items=items)


@post("/track/{token:str}/cancel", opt=EVERYBODY, exception_handlers=_PROBLEMS, status_code=200)
async def cancel_tracked(visit: NamedDependency[Visit], token: FromPath[str]) -> Response[Any]:
    """Cancel the order, and show it."""
    order_id = links.order_of(token, key=await links.key(visit.database))
    given = await visit.filled(Confirmed)

    async def work(db: Db) -> None:
        await cancel.cancel(db, order_id=order_id, version=given.version)

    await visit.change(work)
    return visit.onward(f"/track/{token}")


@get("/track/colours/{colour:str}", opt=EVERYBODY)
async def read_colours(visit: NamedDependency[Visit], colour: FromPath[str]) -> Response[str]:
    """The retailer's colour as a style sheet; its address changes with it, so browsers keep it."""
    if colour != _colours(visit):
        raise NotFoundException
    return Response(
        content=colours.stylesheet(visit.settings.retailer_colour),
        media_type="text/css",
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )


def _page(visit: Visit, template: str, *, status: int = 200, **context: object) -> Response[str]:
    return page(
        visit,
        f"tracking/{template}",
        status=status,
        colours=f"/track/colours/{_colours(visit)}",
        contact=_contact(visit.settings.retailer_contact),
        **context,
    )


def _colours(visit: Visit) -> str:
    return f"{visit.settings.retailer_colour.removeprefix('#')}.css"


def _visit(request: Request[Any, Any, Any]) -> Visit:
    return Visit(request.scope, request.receive, request.send)


def _contact(given: str | None) -> Contact | None:
    """Return how to reach the retailer: an e-mail or web address or a telephone number."""
    if given is None:
        return None
    if given.startswith(("https://", "http://")):
        return Contact(text=given.partition("://")[2].rstrip("/"), href=given)
    if "@" in given:
        return Contact(text=given, href=f"mailto:{given}")
    digits = "".join(each for each in given if each in "+0123456789")
    return Contact(text=given, href=f"tel:{digits}" if digits else None)


def _when(
    language: Language, stands: Standing, *, is_fetched: bool, zone: tzinfo, now: datetime
) -> str | None:
    """Return the sentence that says when; None when nobody can tell."""
    today = now.astimezone(zone).date()
    by, kind = stands.expected_by, str(stands.kind)
    if by is not None:
        # The end of a day by the clock of another place: its noon has the same date everywhere.
        day = by.astimezone(zone).date() if is_fetched else (by - _NOON).astimezone(UTC).date()
        if stands.late and is_fetched:
            return language.text("It should be ready by now. We are sorry that it takes longer.")
        if stands.late:
            return language.text(
                "It was expected by %(day)s. We are sorry that it takes longer.",
                day=language.weekday(day),
            )
        at, kind = by, "ready_by" if is_fetched else "expected"
        if stands.kind == "out_for_delivery" and stands.at is not None:
            day = min(day, stands.at.astimezone(zone).date())
    elif stands.at is None or kind not in _WHEN:
        return None
    else:
        at, day = stands.at, stands.at.astimezone(zone).date()
    message = _WHEN[kind][{0: 0, 1: 1}.get((day - today).days, 2)]
    return language.text(message, day=language.weekday(day), time=language.clock(at, zone))


def _stages(language: Language, stands: Standing, zone: tzinfo) -> tuple[ShownStage, ...]:
    return tuple(
        ShownStage(
            title=STAGES[stage.name],
            reached=stage.reached,
            day=""
            if stage.at is None
            else dates.format_skeleton("MMMd", stage.at.astimezone(zone), locale=language.locale),
        )
        for stage in stands.stages
    )


def _packages(found: Timeline) -> tuple[ShownPackage, ...]:
    return tuple(
        ShownPackage(
            package=package,
            state=_state(package),
            steps=tuple(step for step in reversed(found.steps) if step.package == package.package),
            items=tuple(each for each in found.items if each.package == package.package),
        )
        for package in found.packages
    )


def _state(package: TrackedPackage) -> str:
    """Return where a package is, for its head: only what a customer must act on is more precise."""
    if package.state == "delivered":
        return "delivered"
    return package.milestone if package.milestone in URGENT else "in_transit"


def _groups(found: Timeline) -> tuple[ShownGroup, ...]:
    by_state: dict[str, list[TrackedItem]] = {}
    for each in found.items:
        if each.package is None or each.state == "picked_up":
            by_state.setdefault(each.state, []).append(each)
    whole = len(by_state) == 1 and "cancelled" not in by_state and not found.packages
    return tuple(
        ShownGroup(state=state, title=_WHOLE if whole else title, items=tuple(by_state[state]))
        for state, title in GROUPS
        if state in by_state
    )


def _opening(language: Language, place: CollectionPlace, now: datetime) -> tuple[ShownDay, ...]:
    """Return today, tomorrow, and when both are closed the next day that is not."""
    days = list(place.opening or ())
    near, later = days[:_OPENING_DAYS_SHOWN], days[_OPENING_DAYS_SHOWN:]
    if not any(day.intervals for day in near):
        near += [day for day in later if day.intervals][:1]
    return tuple(
        ShownDay(
            name=_day_name(language, day.date, now.date()),
            hours=tuple(_hours(language, day.date, each) for each in day.intervals),
        )
        for day in near
    )


def _day_name(language: Language, day: date, today: date) -> str:
    if day == today:
        return language.text("Today")
    if day == today + timedelta(days=1):
        return language.text("Tomorrow")
    return language.weekday(day)


def _hours(language: Language, day: date, interval: Interval) -> str:
    def shown(wall: str) -> str:
        # The end of a day is written 24:00, which no clock shows.
        at = time.fromisoformat(wall if wall != "24:00" else "00:00")
        return language.clock(datetime.combine(day, at, tzinfo=UTC), UTC)

    return f"{shown(interval.opens)}\u2009\N{EN DASH}\u2009{shown(interval.closes)}"


pages = Pages(name="tracking", routes=(show_tracking, ask_to_cancel, cancel_tracked, read_colours))
