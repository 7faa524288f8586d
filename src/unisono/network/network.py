"""The network in memory: one frozen snapshot of everything that the hot path asks about it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from unisono.core import revision as revisions
from unisono.core.database import Db
from unisono.core.revision import Copy
from unisono.network import calendars, carriers, locations, places, rates
from unisono.network.calendars import Calendar
from unisono.network.carriers import Carrier, DeliveryOption, Zone
from unisono.network.locations import Kind, Location
from unisono.network.rates import Rate

AREA = "network"

T = TypeVar("T", bound=np.generic)
Coordinates = tuple[float, float]
Bracket = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkService:
    """A service of a carrier with its prices.

    ``brackets`` has, for each zone that has rates, (heaviest parcel in grams, price in minor
    units), the lightest first, and nothing above ``parcel_weight_g_max``. ``collected`` tells of
    each location, by array index, whether the carrier collects from it.
    """

    carrier: str
    code: str
    name: str
    delivery_option: DeliveryOption
    parcel_weight_g_max: int
    zones: tuple[Zone, ...]
    brackets: Mapping[str, tuple[Bracket, ...]]
    cut_offs: Mapping[Kind, str]
    cut_off: str
    collected: NDArray[np.bool_]

    def cut_off_of(self, kind: Kind) -> str:
        """Return until when a parcel must be packed, as ``HH:MM`` on the location's clock."""
        return self.cut_offs.get(kind, self.cut_off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Locations, calendars, carriers and places at one revision.

    Every array has one element per location, in the order of ``locations``, which is that of their
    ids; costs are minor units of the cost currency. ``services`` are by code, then carrier.
    ``places`` has (latitude, longitude) by country and postal code without blanks, ``regions`` the
    mean of the places whose postal codes begin with the same two characters. ``tariffs`` is the
    memory of ``tariffs.tariff``, and lives as long as this snapshot.
    """

    locations: tuple[Location, ...]
    by_code: Mapping[str, Location]
    by_id: Mapping[int, Location]
    index_of: Mapping[int, int]
    ids: NDArray[np.int64]
    line_costs: NDArray[np.int64]
    parcel_costs: NDArray[np.int64]
    ships: NDArray[np.bool_]
    collects: NDArray[np.bool_]
    online: NDArray[np.bool_]
    latitudes: NDArray[np.float64]
    longitudes: NDArray[np.float64]
    calendars: Mapping[str, Calendar]
    carriers: Mapping[str, Carrier]
    services: tuple[NetworkService, ...]
    places: Mapping[tuple[str, str], Coordinates]
    regions: Mapping[tuple[str, str], Coordinates]
    tariffs: dict[object, object] = field(default_factory=dict)


async def of(db: Db, revision: int | None = None) -> Network:
    """Return the network; ``revision`` is that of the area, when the caller has just read it."""
    if revision is None:
        revision = (await revisions.current(db))[AREA]
    return await _COPY.at(db, revision)


def postal_key(postal_code: str) -> str:
    """Return a postal code as it is compared: in capitals, without blanks and hyphens."""
    return postal_code.replace(" ", "").replace("-", "").upper()


async def _load(db: Db) -> Network:
    held = tuple(await locations.every(db))
    held_carriers = await carriers.every(db)
    known_places = {
        (country, postal_key(postal_code)): (latitude, longitude)
        for country, postal_code, latitude, longitude in await places.coordinates(db)
    }
    return Network(
        locations=held,
        by_code={location.code: location for location in held},
        by_id={location.id: location for location in held},
        index_of={location.id: n for n, location in enumerate(held)},
        ids=_frozen(np.array([each.id for each in held], dtype=np.int64)),
        line_costs=_frozen(np.array([each.line_cost for each in held], dtype=np.int64)),
        parcel_costs=_frozen(np.array([each.parcel_cost for each in held], dtype=np.int64)),
        ships=_frozen(np.array([each.ships for each in held], dtype=np.bool_)),
        collects=_frozen(np.array([each.collects for each in held], dtype=np.bool_)),
        online=_frozen(np.array([each.status == "online" for each in held], dtype=np.bool_)),
        latitudes=_frozen(np.array([each.latitude for each in held], dtype=np.float64)),
        longitudes=_frozen(np.array([each.longitude for each in held], dtype=np.float64)),
        calendars={calendar.code: calendar for calendar in await calendars.every(db)},
        carriers={carrier.code: carrier for carrier in held_carriers},
        services=_services(held_carriers, await rates.every(db), held),
        places=known_places,
        regions=_regions(known_places),
    )


_COPY = Copy(AREA, _load)


def _services(
    held: Sequence[Carrier], prices: Sequence[Rate], at: Sequence[Location]
) -> tuple[NetworkService, ...]:
    brackets: defaultdict[tuple[int, str, str], list[Bracket]] = defaultdict(list)
    for rate in prices:
        brackets[rate.carrier, rate.service, rate.zone].append((rate.weight_g_max, rate.price))
    services = [
        NetworkService(
            carrier=carrier.code,
            code=service.code,
            name=service.name,
            delivery_option=service.delivery_option,
            parcel_weight_g_max=service.parcel_weight_g_max,
            zones=service.zones,
            brackets={
                zone.code: _within(
                    brackets[carrier.id, service.code, zone.code], service.parcel_weight_g_max
                )
                for zone in service.zones
            },
            cut_offs={each.kind: each.at for each in service.cut_offs},
            cut_off=service.cut_off,
            collected=_frozen(
                np.array(
                    [not service.locations or each.code in service.locations for each in at],
                    dtype=np.bool_,
                )
            ),
        )
        for carrier in held
        for service in carrier.services
    ]
    return tuple(sorted(services, key=lambda service: (service.code, service.carrier)))


def _within(brackets: Sequence[Bracket], weight_g_max: int) -> tuple[Bracket, ...]:
    """Return the brackets, the last one that a parcel can reach ended at the heaviest parcel."""
    kept = []
    reached = 0
    for weight_g, price in brackets:
        if reached >= weight_g_max:
            break
        reached = min(weight_g, weight_g_max)
        kept.append((reached, price))
    return tuple(kept)


def _regions(
    known_places: Mapping[tuple[str, str], Coordinates],
) -> dict[tuple[str, str], Coordinates]:
    members: defaultdict[tuple[str, str], list[Coordinates]] = defaultdict(list)
    for (country, postal_code), coordinates in known_places.items():
        members[country, postal_code[:2]].append(coordinates)
    return {
        region: (
            sum(latitude for latitude, _ in inside) / len(inside),
            sum(longitude for _, longitude in inside) / len(inside),
        )
        for region, inside in members.items()
    }


def _frozen(array: NDArray[T]) -> NDArray[T]:
    array.flags.writeable = False
    return array
