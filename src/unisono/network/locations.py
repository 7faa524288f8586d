"""Locations: the places that hold stock or fulfill."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, ClassVar, Literal
from zoneinfo import available_timezones

from msgspec import Meta, Struct

from unisono.core import ids, money, paging, queries, revision, versions
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.outbox import Event, Fact, add
from unisono.core.paging import Page
from unisono.core.texts import (
    Code,
    Country,
    Currency,
    Line,
    PostalCode,
    Price,
    folded,
)

sql = queries.beside(__file__)

AREA = "network"
ROWS_MAX = 10_000

Kind = Literal["warehouse", "store", "third_party", "supplier", "pickup_point"]
Status = Literal["online", "offline", "suspended"]
Latitude = Annotated[float, Meta(ge=-90, le=90, description="Degrees north, WGS 84")]
Longitude = Annotated[float, Meta(ge=-180, le=180, description="Degrees east, WGS 84")]


class UnknownLocation(UnisonoError):
    """There is no such location."""

    def __init__(self, location: str) -> None:
        """Keep the code that was asked for."""
        super().__init__(f"there is no location {location}")
        self.location = location


class _Described(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is the same in a location that is told and one that is held."""

    code: Annotated[Code, Meta(examples=["S-LYON"])]
    name: Annotated[Line, Meta(examples=["Boutique Lyon"])]
    kind: Kind
    street: Annotated[Line, Meta(examples=["73 Rue de la République"])]
    postal_code: PostalCode
    city: Annotated[Line, Meta(examples=["Lyon"])]
    country: Country
    latitude: Annotated[Latitude, Meta(examples=[45.76])]
    longitude: Annotated[Longitude, Meta(examples=[4.83])]
    time_zone: Annotated[Line, Meta(description="IANA name", examples=["Europe/Paris"])]
    status: Status = "online"
    site: Code | None = None
    legal_entity: Line | None = None
    calendar: Annotated[
        Code | None, Meta(description="Code of its opening calendar; without one, always open")
    ] = None
    ships: Annotated[bool, Meta(description="Whether parcels leave from here")] = True
    collects: Annotated[bool, Meta(description="Whether customers collect here")] = False


class NewLocation(_Described, frozen=True, kw_only=True):
    """A location as it is told; its costs are decimal amounts of the cost currency."""

    line_cost: Annotated[Price, Meta(description="What picking one order line costs")] = "0"
    parcel_cost: Annotated[Price, Meta(description="What packing one parcel costs")] = "0"


class NewLocations(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several locations, which are put together or not at all."""

    locations: Annotated[tuple[NewLocation, ...], Meta(min_length=1, max_length=ROWS_MAX)]


class ToldLocation(NewLocation, frozen=True, kw_only=True):
    """A location as others see it; ``currency`` is that of its costs."""

    currency: Currency
    version: int


class Location(_Described, frozen=True, kw_only=True):
    """A location as it is held; costs in minor units; ``version`` counts its changes from 1."""

    id: int
    line_cost: int
    parcel_cost: int
    version: int


class LocationChanged(Fact, frozen=True, kw_only=True):
    """A location was made or changed; it is told whole, with the currency of its costs."""

    name: ClassVar = "location.changed"
    location: NewLocation
    currency: Currency


async def put(db: Db, *, locations: Sequence[NewLocation], currency: str) -> list[Location]:
    """Make or change these locations and return them in the order given.

    ``currency`` (ISO 4217) is that of their costs. What is already as told keeps its version and
    tells nothing. Raises InvalidInput naming each code that is given twice, each time zone and
    calendar that is not known, and each cost with too many decimals.
    """
    return await _put(db, locations, currency, "/locations/{}")


async def _put(
    db: Db, locations: Sequence[NewLocation], currency: str, pointer: str
) -> list[Location]:
    """Put locations that lie in the request at ``pointer``, in which {} is the index."""
    pointers = [pointer.format(n) for n in range(len(locations))]
    faults = [
        *_faults(locations, pointers),
        *await _calendar_faults(db, locations, pointers),
        *_cost_faults(locations, pointers, currency),
    ]
    if faults:
        raise InvalidInput(*faults)
    ordered = sorted(locations, key=lambda location: location.code)
    columns: dict[str, list[object]] = {
        field: [getattr(location, field) for location in ordered]
        for field in _Described.__struct_fields__
    }
    columns["name_folded"] = [folded(location.name) for location in ordered]
    columns["line_cost"] = [money.parse(location.line_cost, currency) for location in ordered]
    columns["parcel_cost"] = [money.parse(location.parcel_cost, currency) for location in ordered]
    changed: dict[str, int] = dict(await db.tuples(sql.put, columns))
    if changed:
        await revision.bump(db, AREA)
        await add(
            db,
            [
                Event(
                    aggregate=ids.named("location", location.code),
                    sequence=changed[location.code],
                    fact=LocationChanged(location=location, currency=currency),
                )
                for location in ordered
                if location.code in changed
            ],
        )
    held = await db.rows(Location, sql.by_codes, {"codes": columns["code"]})
    by_code = {location.code: location for location in held}
    return [by_code[location.code] for location in locations]


async def replace(
    db: Db, *, code: str, location: NewLocation, version: int | None, currency: str
) -> Location:
    """Make this location (``version`` None) or change the version that was read, and return it.

    ``code`` is where it is put. Raises VersionRequired, VersionMismatch, and InvalidInput as
    ``put`` does.
    """

    async def put_one() -> Location:
        [stored] = await _put(db, [location], currency, "")
        return stored

    return await versions.replaced(
        db,
        what="location",
        addressed=code,
        given=location.code,
        version=version,
        lock=sql.lock,
        put=put_one,
    )


async def get(db: Db, *, code: str) -> Location:
    """Return a location. Raises UnknownLocation."""
    location = await db.row(Location, sql.by_codes, {"codes": [code]})
    if location is None:
        raise UnknownLocation(code)
    return location


async def listing(
    db: Db,
    *,
    after: str | None,
    limit: int,
    kind: Kind | None = None,
    status: Status | None = None,
    search: str | None = None,
) -> Page[Location]:
    """Return locations by code, ``limit`` after the cursor ``after``.

    ``search`` looks in codes and names, whatever the case and the accents. Raises InvalidInput
    when ``after`` is not a cursor of this listing.
    """
    rows = await db.rows(
        Location,
        sql.listing,
        {
            "after": None if after is None else paging.decode(after, str),
            "kind": kind,
            "status": status,
            "search": None if search is None else folded(search),
            "limit": limit + 1,
        },
    )
    return paging.page(rows, limit=limit, key=lambda location: location.code)


async def every(db: Db) -> list[Location]:
    """Return every location in the order of ids, for the snapshot of the network."""
    return await db.rows(Location, sql.every)


async def unknown(db: Db, *, codes: Iterable[str]) -> set[str]:
    """Return those of these codes that no location has."""
    asked = set(codes)
    return asked - {code for (code,) in await db.tuples(sql.existing, {"codes": sorted(asked)})}


def told(location: Location, *, currency: str) -> ToldLocation:
    """Return a location as others see it, its costs as decimal amounts of ``currency``."""
    fields = {field: getattr(location, field) for field in _Described.__struct_fields__}
    return ToldLocation(
        currency=currency,
        version=location.version,
        line_cost=money.render(location.line_cost, currency),
        parcel_cost=money.render(location.parcel_cost, currency),
        **fields,
    )


def _faults(locations: Sequence[NewLocation], pointers: Sequence[str]) -> Iterable[Fault]:
    seen: set[str] = set()
    for at, location in zip(pointers, locations, strict=True):
        if location.code in seen:
            detail = f"location {location.code} is given twice"
            yield Fault(pointer=f"{at}/code", code="repeated", detail=detail)
        seen.add(location.code)
        if location.time_zone not in _time_zones():
            detail = f"{location.time_zone} is not a time zone; write for example Europe/Paris"
            yield Fault(pointer=f"{at}/time_zone", code="unknown_time_zone", detail=detail)


async def _calendar_faults(
    db: Db, locations: Sequence[NewLocation], pointers: Sequence[str]
) -> list[Fault]:
    named = {location.calendar for location in locations if location.calendar is not None}
    rows = await db.tuples(sql.existing_calendars, {"codes": sorted(named)})
    missing = named - {code for (code,) in rows}
    return [
        Fault(
            pointer=f"{at}/calendar",
            code="unknown_calendar",
            detail=f"there is no calendar {location.calendar}",
        )
        for at, location in zip(pointers, locations, strict=True)
        if location.calendar in missing
    ]


def _cost_faults(
    locations: Sequence[NewLocation], pointers: Sequence[str], currency: str
) -> Iterable[Fault]:
    for at, location in zip(pointers, locations, strict=True):
        for field in ("line_cost", "parcel_cost"):
            try:
                money.parse(getattr(location, field), currency)
            except money.NotAnAmount as problem:
                pointer = f"{at}/{field}"
                yield Fault(pointer=pointer, code="wrong_amount", detail=str(problem))


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
