"""What a location does with a work, step by step; whoever comes too late sees it as it is now."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from unisono.console.fulfillment import works
from unisono.console.fulfillment.cards import wanted
from unisono.console.fulfillment.works import Filling
from unisono.console.guard import needs
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, VersionMismatch
from unisono.core.lifecycle import TransitionRefused
from unisono.core.texts import Line
from unisono.fulfillment import collect, queue
from unisono.fulfillment.accept import accept
from unisono.fulfillment.pack import NewPackage, PackedItem, pack
from unisono.fulfillment.pick import Number, Picked, pick
from unisono.fulfillment.queue import FulfillmentOrder
from unisono.fulfillment.records import FulfillmentRef, unknown
from unisono.fulfillment.reject import reject
from unisono.fulfillment.ship import Labelled, TrackingNumber, ship

WRITE = needs("fulfillment:write")
CONFLICT = 409
_GONE = frozenset(
    (
        "unknown_allocation",
        "allocation_missing",
        "unknown_package",
        "package_missing",
        "package_cancelled",
    )
)
"""What is wrong with a form when a part of its work was cancelled after it had been shown."""
UNPROCESSABLE = 422

Units = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Grams = Annotated[int, Meta(ge=1, le=10_000_000)]
Act = Callable[[Db, FulfillmentRef], Awaitable[None]]
Then = Callable[[FulfillmentOrder], Response[Any]]
"""What to answer when it is done, with the work as it was before."""


class Seen(Struct, frozen=True, kw_only=True):
    """The version of the work on the page from which a form comes."""

    version: int


class Declined(Seen, frozen=True, kw_only=True):
    """Why the work is left to another location."""

    reason: Literal["closed", "too_much", "cannot_send", "other"]
    note: Line | None = None


class Found(Seen, frozen=True, kw_only=True):
    """What was found of each allocation, in the same order, and why there is not more."""

    allocation: tuple[Number, ...]
    found: tuple[Units, ...]
    reason: tuple[Literal["not_found", "damaged"], ...]


class Boxed(Seen, frozen=True, kw_only=True):
    """One package that holds everything, with its weight if it was put on scales."""

    weight_g: Grams | None = None


class Filled(Seen, frozen=True, kw_only=True):
    """Units of each allocation in each package: all of the first package, then of the next."""

    packages: Annotated[int, Meta(ge=1, le=works.PACKAGES_MAX)]
    allocation: tuple[Number, ...]
    units: tuple[Units, ...]


class Numbered(Seen, frozen=True, kw_only=True):
    """Packages with the numbers on their labels, in the same order."""

    package: tuple[Number, ...]
    tracking_number: tuple[str, ...]


@post("/fulfillment/{location:str}/{work:str}/accept", opt=WRITE, status_code=200)
async def accept_work(
    visit: NamedDependency[Visit], location: FromPath[str], work: FromPath[str]
) -> Response[Any]:
    """Take the work on; what to pick comes next."""
    seen, author = await visit.filled(Seen), visit.person.name

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await accept(db, ref=ref, version=seen.version, author=author)

    return await _acted(visit, location, work, act, _next_step(visit))


@post("/fulfillment/{location:str}/{work:str}/reject", opt=WRITE, status_code=200)
async def reject_work(
    visit: NamedDependency[Visit], location: FromPath[str], work: FromPath[str]
) -> Response[Any]:
    """Leave the work to another location."""
    declined, author = await visit.filled(Declined), visit.person.name
    reason = _reason(visit, declined)

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await reject(db, ref=ref, version=declined.version, author=author, reason=reason)

    def then(before: FulfillmentOrder) -> Response[Any]:
        text = visit.language.text(
            "Order %(number)s is rejected; another location is asked for it.",
            number=before.order_number,
        )
        return visit.done(_to_do(location), text)

    return await _acted(visit, location, work, act, then)


@post("/fulfillment/{location:str}/{work:str}/pick", opt=WRITE, status_code=200)
async def pick_work(
    visit: NamedDependency[Visit], location: FromPath[str], work: FromPath[str]
) -> Response[Any]:
    """Take note of what was found; packing comes next, if anything was."""
    form, author = await visit.filled(Found), visit.person.name
    _require_columns("found", form.allocation, form.found, form.reason)
    picked = [
        Picked(allocation=n, quantity=units, reason=reason)
        for n, units, reason in zip(form.allocation, form.found, form.reason, strict=True)
    ]

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await pick(db, ref=ref, version=form.version, author=author, picked=picked)

    def then(before: FulfillmentOrder) -> Response[Any]:
        short = sum(line.quantity for line in wanted(before.lines)) - sum(form.found)
        if not any(form.found):
            text = visit.language.text(
                "Nothing of order %(number)s was found; another location is asked for it.",
                number=before.order_number,
            )
            return visit.done(_to_do(location), text, tone="yellow")
        if short:
            text = visit.language.plural(
                "%(num)s unit is set aside; another location is asked for it.",
                "%(num)s units are set aside; another location is asked for them.",
                short,
            )
            return visit.done(_page(before), text, tone="yellow")
        return visit.onward(_page(before))

    return await _acted(visit, location, work, act, then)


@post("/fulfillment/{location:str}/{work:str}/pack", opt=WRITE, status_code=200)
async def pack_work(
    visit: NamedDependency[Visit], location: FromPath[str], work: FromPath[str]
) -> Response[Any]:
    """Everything is in one package, or, without a weight, in as many as carriers' limits need."""
    form, author = await visit.filled(Boxed), visit.person.name
    packages = None if form.weight_g is None else [NewPackage(weight_g=form.weight_g)]

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await pack(db, ref=ref, version=form.version, author=author, packages=packages)

    return await _acted(visit, location, work, act, _next_step(visit))


@post("/fulfillment/{location:str}/{work:str}/fill", opt=WRITE, status_code=200)
async def fill_packages(
    visit: NamedDependency[Visit], location: FromPath[str], work: FromPath[str]
) -> Response[Any]:
    """Everything is in several packages, as they were filled; an empty one is left out."""
    form, author = await visit.filled(Filled), visit.person.name
    if len(form.units) != form.packages * len(form.allocation):
        raise _missing("units")
    # Unlike ``filled``, this keeps what is empty, so that each weight keeps its package.
    weights = (await visit.fields()).get("weight_g", [])
    units = {
        (at // len(form.allocation), form.allocation[at % len(form.allocation)]): quantity
        for at, quantity in enumerate(form.units)
    }
    packages = _new_packages(form, units, weights)

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await pack(db, ref=ref, version=form.version, author=author, packages=packages)

    try:
        return await _acted(visit, location, work, act, _next_step(visit))
    except InvalidInput:
        filling = Filling(
            packages=form.packages,
            units=units,
            weights=weights,
            packed={
                n: sum(quantity for (_, each), quantity in units.items() if each == n)
                for n in form.allocation
            },
        )
        ref = FulfillmentRef.parse(work)
        return await works.shown(visit, location, ref, filling=filling, status=UNPROCESSABLE)


@post("/fulfillment/{location:str}/{work:str}/ship", opt=WRITE, status_code=200)
async def ship_work(
    visit: NamedDependency[Visit], location: FromPath[str], work: FromPath[str]
) -> Response[Any]:
    """The packages leave with their carriers."""
    form, author = await visit.filled(Numbered), visit.person.name
    _require_columns("tracking_number", form.package, form.tracking_number)
    packages = [
        Labelled(package=n, tracking_number=_tracking_number(number))
        for n, number in zip(form.package, form.tracking_number, strict=True)
    ]

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await ship(db, ref=ref, version=form.version, author=author, packages=packages)

    def then(before: FulfillmentOrder) -> Response[Any]:
        text = visit.language.text("Order %(number)s is shipped.", number=before.order_number)
        return visit.done(_to_do(location), text)

    return await _acted(visit, location, work, act, then)


@post("/fulfillment/{location:str}/{work:str}/set-out", opt=WRITE, status_code=200)
async def set_out_work(
    visit: NamedDependency[Visit], location: FromPath[str], work: FromPath[str]
) -> Response[Any]:
    """The packages wait for the customer."""
    seen, author = await visit.filled(Seen), visit.person.name

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await collect.ready_for_pickup(db, ref=ref, version=seen.version, author=author)

    def then(before: FulfillmentOrder) -> Response[Any]:
        number = before.order_number
        text = visit.language.text("Order %(number)s is ready to collect.", number=number)
        return visit.done(_to_do(location), text)

    return await _acted(visit, location, work, act, then)


@post("/fulfillment/{location:str}/{work:str}/hand-over", opt=WRITE, status_code=200)
async def hand_over_work(
    visit: NamedDependency[Visit], location: FromPath[str], work: FromPath[str]
) -> Response[Any]:
    """The customer has the goods."""
    seen, author = await visit.filled(Seen), visit.person.name

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await collect.hand_over(db, ref=ref, version=seen.version, author=author)

    def then(before: FulfillmentOrder) -> Response[Any]:
        number = before.order_number
        text = visit.language.text("Order %(number)s is handed over.", number=number)
        return visit.done(f"{_to_do(location)}/collect", text)

    return await _acted(visit, location, work, act, then)


async def _acted(visit: Visit, location: str, named: str, act: Act, then: Then) -> Response[Any]:
    """Do something with a work of a location that is this person's, and go on with ``then``.

    Whoever comes too late gets the page as it is now. Raises LocationRefused,
    UnknownFulfillmentOrder and what ``act`` raises.
    """
    visit.person.require_location(location)
    ref = FulfillmentRef.parse(named)

    async def work(db: Db) -> FulfillmentOrder:
        before = await queue.get(db, ref=ref)
        if before.location != location:
            raise unknown(ref)
        await act(db, ref)
        return before

    try:
        before = await visit.change(work)
    except (VersionMismatch, TransitionRefused):
        return await works.shown(visit, location, ref, is_late=True, status=CONFLICT)
    except InvalidInput as problem:
        if _GONE.isdisjoint(fault.code for fault in problem.faults):
            raise
        return await works.shown(visit, location, ref, is_late=True, status=CONFLICT)
    return then(before)


def _next_step(visit: Visit) -> Then:
    """Go on with the page of the work, which shows what comes next."""
    return lambda before: visit.onward(_page(before))


def _to_do(location: str) -> str:
    return f"/fulfillment/{location}"


def _page(work: FulfillmentOrder) -> str:
    return f"/fulfillment/{work.location}/{work.id}"


def _reason(visit: Visit, declined: Declined) -> str:
    """Return the reason as others read it: a note says more about it, or all of another one."""
    if declined.reason == "other":
        if declined.note is None:
            raise _missing("note")
        return declined.note
    reason = visit.language.text(works.REASONS[declined.reason])
    if declined.note is None:
        return reason
    return visit.language.text("%(reason)s (%(note)s)", reason=reason, note=declined.note)


def _new_packages(
    form: Filled, units: dict[tuple[int, int], int], weights: Sequence[str]
) -> list[NewPackage]:
    packages = []
    for at in range(form.packages):
        items = tuple(
            PackedItem(allocation=n, quantity=units[at, n]) for n in form.allocation if units[at, n]
        )
        if items:
            weight_g = _grams(weights[at]) if at < len(weights) else None
            packages.append(NewPackage(weight_g=weight_g, items=items))
    return packages


def _grams(written: str) -> int | None:
    if not written.strip():
        return None
    try:
        return msgspec.convert(written.strip(), Grams, strict=False)
    except msgspec.ValidationError as problem:
        fault = Fault(pointer="/weight", code="wrong_format", detail=str(problem))
        raise InvalidInput(fault) from None


def _tracking_number(scanned: str) -> str:
    """Return a tracking number without the blanks with which labels group it."""
    try:
        return msgspec.convert("".join(scanned.split()), TrackingNumber)
    except msgspec.ValidationError as problem:
        fault = Fault(pointer="/tracking_number", code="wrong_format", detail=str(problem))
        raise InvalidInput(fault) from None


def _require_columns(field: str, *columns: Sequence[object]) -> None:
    """Raise InvalidInput unless a value was given for each row of a form."""
    if len({len(column) for column in columns}) != 1:
        raise _missing(field)


def _missing(field: str) -> InvalidInput:
    return InvalidInput(
        Fault(pointer=f"/{field}", code="missing_field", detail=f"{field} is missing")
    )


routes = (
    accept_work,
    reject_work,
    pick_work,
    pack_work,
    fill_packages,
    ship_work,
    set_out_work,
    hand_over_work,
)
