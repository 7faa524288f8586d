"""Places: where postal codes are, so that distance zones can be told."""

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from unisono.core import ids, paging, queries, revision
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.outbox import Event, Fact, add
from unisono.core.paging import Page
from unisono.core.texts import Country, Line, PostalCode
from unisono.network.locations import Latitude, Longitude

sql = queries.beside(__file__)

AREA = "network"
ROWS_MAX = 10_000


class UnknownPlace(UnisonoError):
    """There is no place with this postal code."""

    def __init__(self, country: str, postal_code: str) -> None:
        """Keep what was asked for."""
        super().__init__(f"there is no place {country} {postal_code}")
        self.country = country
        self.postal_code = postal_code


class NewPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A postal code and the middle of where it is."""

    country: Country
    postal_code: PostalCode
    name: Annotated[Line, Meta(examples=["Orléans"])]
    latitude: Annotated[Latitude, Meta(examples=[47.9])]
    longitude: Annotated[Longitude, Meta(examples=[1.9])]


class NewPlaces(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several places, which are put together or not at all."""

    places: Annotated[tuple[NewPlace, ...], Meta(min_length=1, max_length=ROWS_MAX)]


class Place(NewPlace, frozen=True, kw_only=True):
    """A place as it is held; ``version`` counts its changes from 1."""

    version: int


class PlaceChanged(Fact, frozen=True, kw_only=True):
    """A place was made or changed; it is told whole."""

    name: ClassVar = "place.changed"
    place: NewPlace


async def put(db: Db, *, places: Sequence[NewPlace]) -> list[Place]:
    """Make or change these places and return them in the order given.

    What is already as told keeps its version and tells nothing. Raises InvalidInput naming each
    postal code that is given twice.
    """
    faults = list(_faults(places))
    if faults:
        raise InvalidInput(*faults)
    ordered = sorted(places, key=_key)
    keys = {
        "countries": [place.country for place in ordered],
        "postal_codes": [place.postal_code for place in ordered],
    }
    rows = await db.tuples(
        sql.put,
        {
            **keys,
            "names": [place.name for place in ordered],
            "latitudes": [place.latitude for place in ordered],
            "longitudes": [place.longitude for place in ordered],
        },
    )
    changed = {(country, postal_code): version for country, postal_code, version in rows}
    if changed:
        await revision.bump(db, AREA)
        await add(
            db,
            [
                Event(
                    aggregate=ids.named("place", " ".join(_key(place))),
                    sequence=changed[_key(place)],
                    fact=PlaceChanged(place=place),
                )
                for place in ordered
                if _key(place) in changed
            ],
        )
    held = {_key(place): place for place in await db.rows(Place, sql.by_keys, keys)}
    return [held[_key(place)] for place in places]


async def get(db: Db, *, country: str, postal_code: str) -> Place:
    """Return a place. Raises UnknownPlace."""
    keys = {"countries": [country], "postal_codes": [postal_code]}
    place = await db.row(Place, sql.by_keys, keys)
    if place is None:
        raise UnknownPlace(country, postal_code)
    return place


async def listing(
    db: Db, *, after: str | None, limit: int, country: str | None = None
) -> Page[Place]:
    """Return places by country and postal code, ``limit`` after the cursor ``after``.

    Raises InvalidInput when ``after`` is not a cursor of this listing.
    """
    after_country, after_postal_code = (
        (None, None) if after is None else paging.decode(after, tuple[str, str])
    )
    rows = await db.rows(
        Place,
        sql.listing,
        {
            "after_country": after_country,
            "after_postal_code": after_postal_code,
            "country": country,
            "limit": limit + 1,
        },
    )
    return paging.page(rows, limit=limit, key=_key)


async def coordinates(db: Db) -> list[tuple[str, str, float, float]]:
    """Return country, postal code, latitude and longitude of every place, for the snapshot."""
    return [
        (country, postal_code, latitude, longitude)
        for country, postal_code, latitude, longitude in await db.tuples(sql.coordinates)
    ]


def _key(place: NewPlace) -> tuple[str, str]:
    return place.country, place.postal_code


def _faults(places: Sequence[NewPlace]) -> Iterable[Fault]:
    seen: set[tuple[str, str]] = set()
    for n, place in enumerate(places):
        if _key(place) in seen:
            detail = f"{place.country} {place.postal_code} is given twice"
            yield Fault(pointer=f"/places/{n}/postal_code", code="repeated", detail=detail)
        seen.add(_key(place))
