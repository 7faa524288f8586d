"""How the packages of one location reach one customer, and what a package costs."""

from dataclasses import dataclass
from typing import cast

import numpy as np

from unisono.core.errors import UnisonoError
from unisono.network import tariffs
from unisono.network.carriers import DeliveryOption
from unisono.network.network import Network
from unisono.network.tariffs import UNREACHABLE, Shipping, Tariff
from unisono.orders.changing import Order
from unisono.orders.new_order import COLLECTED


class NoCarrierServes(UnisonoError):
    """No carrier takes this package from here to its destination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """What carriers take from one location to one destination; no ``tariff``: nothing travels."""

    network: Network
    tariff: Tariff | None
    location_index: int

    @property
    def heaviest_g(self) -> int | None:
        """The heaviest package that a carrier takes, 0 when none does; None: nothing travels."""
        if self.tariff is None:
            return None
        taken = np.flatnonzero(self.tariff.cost[self.location_index] < UNREACHABLE)
        return int(self.tariff.weights_g[taken[-1]]) if taken.size else 0

    def planned(self, weight_g: int) -> Shipping | None:
        """Return how goods of this weight will probably travel, in several packages if need be."""
        if self.tariff is None or not self.heaviest_g:
            return None
        return tariffs.shipping(
            self.network,
            self.tariff,
            location_index=self.location_index,
            weight_g=min(weight_g, self.heaviest_g),
        )

    def of_package(self, weight_g: int) -> Shipping | None:
        """Return how a package of this weight travels; None when it waits for the customer.

        Raises NoCarrierServes.
        """
        if self.tariff is None:
            return None
        found = tariffs.shipping(
            self.network, self.tariff, location_index=self.location_index, weight_g=weight_g
        )
        if found is None:
            message = (
                f"no carrier takes {weight_g} g from here to the destination; "
                f"the heaviest package that one takes has {self.heaviest_g} g"
            )
            raise NoCarrierServes(message)
        return found

    def handling_cost(self, skus: int) -> int:
        """Return what preparing a package of so many different SKUs costs, in minor units."""
        location = self.network.locations[self.location_index]
        return location.line_cost * skus + location.parcel_cost


def of(network: Network, order: Order, *, location: int) -> Carriage:
    """Return the carriage of an order's goods from a location (its id)."""
    to = order.destination
    tariff = None
    if order.delivery_option not in COLLECTED and to is not None:
        tariff = tariffs.tariff(
            network,
            option=cast("DeliveryOption", order.delivery_option),
            country=to["country"],
            postal_code=to["postal_code"],
        )
    return Carriage(network=network, tariff=tariff, location_index=network.index_of[location])
