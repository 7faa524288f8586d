"""Tariffs: what a parcel to one destination costs, from every location and for every weight."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unisono.network.carriers import DeliveryOption, Zone
from unisono.network.network import Coordinates, Network, NetworkService, postal_key

# More minor units than any price can be: no service takes such a parcel.
UNREACHABLE = 2**40
# The bound of the last bracket, which holds what is too heavy for every service.
WEIGHT_G_MAX = 2**62
EARTH_RADIUS_KM = 6371.0
# What the remembered tariffs of one network may hold, in cells of location and bracket (16 bytes).
REMEMBERED_CELLS_MAX = 4_000_000
_NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """How a parcel travels and what that costs, in minor units of the cost currency."""

    carrier: str
    service: str
    zone: str
    transit_days: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """The cheapest service from every location (L) in every weight bracket (B).

    ``weights_g`` are ascending upper bounds, both included; the last, WEIGHT_G_MAX, holds what is
    too heavy for all. ``cost`` is in minor units, UNREACHABLE where no service takes the parcel.
    ``service`` is an index into the network's services, of equal costs the first by code; ``rule``
    an index into that service's zones. Both are -1 where the cost is UNREACHABLE.
    """

    weights_g: NDArray[np.int64]
    cost: NDArray[np.int64]
    service: NDArray[np.int32]
    rule: NDArray[np.int32]
    bounds: tuple[int, ...]

    def bracket(self, weight_g: int) -> int:
        """Return the index of the bracket of a weight; there always is one."""
        return bisect_left(self.bounds, weight_g)


def tariff(network: Network, *, option: DeliveryOption, country: str, postal_code: str) -> Tariff:
    """Return the tariff of a delivery option to a destination, remembered with the network.

    Distance is the great circle from the location to the place of the postal code. A postal code
    that is no place takes the mean of the places that share its country and first two characters
    (in France, the department); without any, only rules without a distance match.
    """
    key = (option, country, postal_key(postal_code))
    # Taken out and put back, so that the longest unused comes first.
    remembered = network.tariffs.pop(key, None)
    if not isinstance(remembered, Tariff):
        remembered = _computed(network, option, country, key[2])
        if len(network.tariffs) >= max(64, REMEMBERED_CELLS_MAX // max(1, remembered.cost.size)):
            del network.tariffs[next(iter(network.tariffs))]
    network.tariffs[key] = remembered
    return remembered


def shipping(
    network: Network, tariff: Tariff, *, location_index: int, weight_g: int
) -> Shipping | None:
    """Return how a parcel travels from a location; None when no service takes it."""
    at = location_index, tariff.bracket(weight_g)
    chosen = int(tariff.service[at])
    if chosen == _NONE:
        return None
    service = network.services[chosen]
    zone = service.zones[int(tariff.rule[at])]
    return Shipping(
        carrier=service.carrier,
        service=service.code,
        zone=zone.code,
        transit_days=zone.transit_days,
        cost=int(tariff.cost[at]),
    )


def distances_km(
    latitudes: NDArray[np.float64], longitudes: NDArray[np.float64], to: Coordinates
) -> NDArray[np.float64]:
    """Return great-circle kilometres to a point by the haversine formula; degrees in."""
    latitude, longitude = np.radians(to[0]), np.radians(to[1])
    from_latitudes = np.radians(latitudes)
    half_north = np.sin((latitude - from_latitudes) / 2)
    half_east = np.sin((longitude - np.radians(longitudes)) / 2)
    chord = half_north**2 + np.cos(from_latitudes) * np.cos(latitude) * half_east**2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))


def _computed(network: Network, option: str, country: str, postal_code: str) -> Tariff:
    point = network.places.get((country, postal_code)) or network.regions.get(
        (country, postal_code[:2])
    )
    distances = (
        None if point is None else distances_km(network.latitudes, network.longitudes, point)
    )
    offered = [
        (n, service)
        for n, service in enumerate(network.services)
        if service.delivery_option == option
    ]
    bounds = _bounds([service for _, service in offered])
    shape = len(network.locations), len(bounds)
    cost = np.full(shape, UNREACHABLE, dtype=np.int64)
    chosen = np.full(shape, _NONE, dtype=np.int32)
    chosen_rule = np.full(shape, _NONE, dtype=np.int32)
    for n, service in offered:
        rule = _rules(service, country, postal_code, distances, len(network.locations))
        prices = _prices(service, bounds)
        # The row after the last rule, which -1 takes, is UNREACHABLE.
        offer = prices[rule]
        cheaper = offer < cost
        cost[cheaper] = offer[cheaper]
        chosen[cheaper] = n
        chosen_rule[cheaper] = np.broadcast_to(rule[:, np.newaxis], shape)[cheaper]
    for array in (weights_g := np.array(bounds, dtype=np.int64), cost, chosen, chosen_rule):
        array.flags.writeable = False
    return Tariff(weights_g=weights_g, cost=cost, service=chosen, rule=chosen_rule, bounds=bounds)


def _bounds(services: Sequence[NetworkService]) -> tuple[int, ...]:
    weights_g = {
        weight_g
        for service in services
        for brackets in service.brackets.values()
        for weight_g, _ in brackets
    }
    return (*sorted(weights_g), WEIGHT_G_MAX)


def _rules(
    service: NetworkService,
    country: str,
    postal_code: str,
    distances: NDArray[np.float64] | None,
    size: int,
) -> NDArray[np.int32]:
    """Return, for every location, the index of the first rule that matches; -1 where none does."""
    rules = np.full(size, _NONE, dtype=np.int32)
    for n, zone in enumerate(service.zones):
        if not _reaches(zone, country, postal_code):
            continue
        free = (rules == _NONE) & service.collected
        if zone.distance_km_max is not None:
            if distances is None:
                continue
            free &= distances <= zone.distance_km_max
        rules[free] = n
    return rules


def _reaches(zone: Zone, country: str, postal_code: str) -> bool:
    return zone.country == country and (
        not zone.postal_prefixes or postal_code.startswith(zone.postal_prefixes)
    )


def _prices(service: NetworkService, bounds: Sequence[int]) -> NDArray[np.int64]:
    """Return the price of every rule (and of none, last) in every bracket."""
    prices = np.full((len(service.zones) + 1, len(bounds)), UNREACHABLE, dtype=np.int64)
    for n, zone in enumerate(service.zones):
        brackets = service.brackets[zone.code]
        weights_g = [weight_g for weight_g, _ in brackets]
        for column, bound in enumerate(bounds):
            at = bisect_left(weights_g, bound)
            if at < len(brackets):
                prices[n, column] = brackets[at][1]
    return prices
