"""Which invoice is ordered where, by whom and how delivered: the orders that the demo replays.

Shares of channels and delivery options are invented. When the invoices end they start again, 54
weeks later.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from unisono.demo import fates
from unisono.demo.fates import Fate
from unisono.demo.invoices import InvoiceLine, invoices
from unisono.demo.places import Destination, Destinations, distance_km
from unisono.demo.retailer import Location, locations

DeliveryOption = Literal["home_standard", "home_express", "click_and_collect", "in_store"]

Choice = TypeVar("Choice")

# Weeks that cover the invoices, whole ones, so that a Monday stays a Monday.
INVOICES_COVER = timedelta(weeks=54)

_DRAWN_AT_ONCE = 500

# A customer chooses among the nearest stores, if there are several about as near.
NEAREST_STORES_MAX = 3
FARTHER_THAN_NEAREST_MAX_KM = 15.0
# Nobody travels farther to collect an order; it is sent home instead.
COLLECT_MAX_KM = 60.0

_CHANNEL_SHARES = (("web", 0.45), ("app", 0.20), ("till", 0.20), ("marketplace", 0.15))
_REFERENCE_PREFIX = {"web": "WEB", "app": "APP", "till": "TILL", "marketplace": "MKT"}
_REMOTE_SHARES: tuple[tuple[DeliveryOption, float], ...] = (
    ("home_standard", 0.60),
    ("home_express", 0.15),
    ("click_and_collect", 0.25),
)
_DELIVERY_SHARES: dict[str, tuple[tuple[DeliveryOption, float], ...]] = {
    "web": _REMOTE_SHARES,
    "app": _REMOTE_SHARES,
    "till": (("in_store", 0.80), ("home_standard", 0.20)),
    "marketplace": (("home_standard", 1.0),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """An order to replay.

    ``store`` is the code of the store where it is collected or, at a till, where it is sold.
    ``destination`` is the customer with the home address; nobody asks for it when the goods are
    carried out at the till (``in_store``). The same SKU may be on two lines. ``fate`` is what will
    happen to it beyond the usual.
    """

    reference: str
    channel: str
    invoice: str
    placed_at: datetime
    delivery_option: DeliveryOption
    store: str | None
    destination: Destination | None
    lines: tuple[InvoiceLine, ...]
    fate: Fate


def plan_orders(seed: int, count: int) -> tuple[PlannedOrder, ...]:
    """Give the first ``count`` orders of the plan of a seed, in the order of their times.

    A longer plan of the same seed begins with the shorter one.
    """
    return tuple(itertools.islice(endless_orders(seed), count))


def endless_orders(seed: int) -> Iterator[PlannedOrder]:
    """Give the orders of the plan of a seed for ever, in the order of their times."""
    customers = Destinations(seed)
    # A series of its own: the choices must not shift when customers take more numbers.
    random = np.random.default_rng((seed, 1))
    stores = tuple(location for location in locations() if location.kind == "store")
    for first in itertools.count(0, _DRAWN_AT_ONCE):
        people = customers.draw(_DRAWN_AT_ONCE)
        numbers = random.random((_DRAWN_AT_ONCE, 3)).tolist()
        distances = _store_distances(people, stores)
        for at in range(_DRAWN_AT_ONCE):
            yield _planned(seed, first + at, people[at], numbers[at], stores, distances[at])


def _planned(
    seed: int,
    index: int,
    customer: Destination,
    numbers: list[float],
    stores: tuple[Location, ...],
    kilometres: NDArray[np.float64],
) -> PlannedOrder:
    of_channel, of_delivery, of_store = numbers
    cycle, at = divmod(index, len(invoices()))
    invoice = invoices()[at]
    channel = _by_share(_CHANNEL_SHARES, of_channel)
    option = _by_share(_DELIVERY_SHARES[channel], of_delivery)
    if option == "click_and_collect" and kilometres.min() > COLLECT_MAX_KM:
        option = "home_standard"
    at_a_store = channel == "till" or option == "click_and_collect"
    reference = f"{_REFERENCE_PREFIX[channel]}-{index + 1:06d}"
    return PlannedOrder(
        reference=reference,
        channel=channel,
        invoice=invoice.number,
        placed_at=invoice.placed_at + cycle * INVOICES_COVER,
        delivery_option=option,
        store=_near_store(stores, kilometres, of_store) if at_a_store else None,
        destination=None if option == "in_store" else customer,
        lines=invoice.lines,
        fate=fates.drawn(seed, reference, channel=channel, carried_out=option == "in_store"),
    )


def _by_share(shares: tuple[tuple[Choice, float], ...], number: float) -> Choice:
    reached = 0.0
    for choice, share in shares:
        reached += share
        if number < reached:
            return choice
    # Shares of binary fractions may add up to a little less than 1.
    return shares[-1][0]


def _store_distances(
    customers: tuple[Destination, ...], stores: tuple[Location, ...]
) -> NDArray[np.float64]:
    """Give kilometres, one row per customer, one column per store."""
    return distance_km(
        np.array([[customer.latitude] for customer in customers]).reshape(-1, 1),
        np.array([[customer.longitude] for customer in customers]).reshape(-1, 1),
        np.array([store.latitude for store in stores]),
        np.array([store.longitude for store in stores]),
    )


def _near_store(
    stores: tuple[Location, ...], kilometres: NDArray[np.float64], number: float
) -> str:
    by_distance = sorted(zip(kilometres.tolist(), stores, strict=True), key=lambda pair: pair[0])
    nearest_km, _ = by_distance[0]
    near = [
        store
        for store_km, store in by_distance[:NEAREST_STORES_MAX]
        if store_km <= nearest_km + FARTHER_THAN_NEAREST_MAX_KM
    ]
    return near[int(number * len(near))].code
