"""Fulfillment orders and packages as rows, read and written in one place.

Whoever writes them has locked their order before (``orders.changing``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from unisono.core import queries
from unisono.core.database import Db
from unisono.core.errors import UnisonoError

sql = queries.beside(__file__)


class UnknownFulfillmentOrder(UnisonoError):
    """There is no such fulfillment order."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FulfillmentRef:
    """Which fulfillment order: the n-th of its order. Written ``{order_id}.{n}``."""

    order_id: UUID
    n: int

    def __str__(self) -> str:
        return f"{self.order_id}.{self.n}"

    @staticmethod
    def parse(text: str) -> "FulfillmentRef":
        """Return the reference in a text. Raises UnknownFulfillmentOrder when it is none."""
        order_id, _, n = text.partition(".")
        try:
            ref = FulfillmentRef(order_id=UUID(order_id), n=int(n))
        except ValueError:
            ref = None
        # What is written in another way, or does not fit a row's number, names nothing.
        if ref is None or str(ref) != text or not 0 < ref.n < 2**31:
            raise unknown(text)
        return ref


def unknown(ref: FulfillmentRef | str) -> UnknownFulfillmentOrder:
    """Return the error that says that there is no such fulfillment order."""
    return UnknownFulfillmentOrder(f"there is no fulfillment order {ref}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A fulfillment order as it is held; ``location`` is an id, ``version`` its own."""

    order_id: UUID
    n: int
    location: int
    state: str
    version: int
    delivery_option: str
    carrier: str | None
    service: str | None
    reason: str | None
    created_at: datetime
    changed_at: datetime

    @property
    def ref(self) -> FulfillmentRef:
        """What it is named by."""
        return FulfillmentRef(order_id=self.order_id, n=self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWork:
    """Work to ask of a location, as the n-th fulfillment order of an order."""

    order_id: UUID
    n: int
    location: int
    delivery_option: str
    carrier: str | None
    service: str | None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one allocation in a package."""

    allocation: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPackage:
    """A package as it is held; costs in minor units of the cost currency.

    An allocation is in one package only. ``shipping_cost`` is None when no carrier takes part.
    """

    order_id: UUID
    n: int
    fulfillment_order: int
    location: int
    state: str
    weight_g: int
    items: tuple[Item, ...]
    carrier: str | None
    service: str | None
    tracking_number: str | None
    shipping_cost: int | None
    handling_cost: int
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None


_PACKAGE_COLUMNS = tuple(HeldPackage.__dataclass_fields__)


async def of_orders(db: Db, *, order_ids: Iterable[UUID]) -> list[Held]:
    """Return the fulfillment orders of these orders, in order."""
    return await db.rows(Held, sql.of_orders, {"orders": list(order_ids)})


async def get(db: Db, *, ref: FulfillmentRef) -> Held:
    """Return a fulfillment order. Raises UnknownFulfillmentOrder."""
    for held in await of_orders(db, order_ids=[ref.order_id]):
        if held.n == ref.n:
            return held
    raise unknown(ref)


async def insert(db: Db, works: Sequence[NewWork]) -> None:
    """Write new fulfillment orders, open, in version 1."""
    await db.execute(
        sql.insert,
        {
            "orders": [work.order_id for work in works],
            "ns": [work.n for work in works],
            "locations": [work.location for work in works],
            "delivery_options": [work.delivery_option for work in works],
            "carriers": [work.carrier for work in works],
            "services": [work.service for work in works],
        },
    )


async def change(db: Db, changed: Sequence[Held]) -> None:
    """Write states of fulfillment orders, why and since when, each in its next version."""
    if not changed:
        return
    await db.execute(
        sql.change,
        {
            "orders": [held.order_id for held in changed],
            "ns": [held.n for held in changed],
            "states": [held.state for held in changed],
            "reasons": [held.reason for held in changed],
            "changed_at": [held.changed_at for held in changed],
        },
    )


async def packages_of_orders(db: Db, *, order_ids: Iterable[UUID]) -> list[HeldPackage]:
    """Return the packages of these orders, in order."""
    rows = await db.tuples(sql.packages_of_orders, {"orders": list(order_ids)})
    named = (dict(zip(_PACKAGE_COLUMNS, row, strict=True)) for row in rows)
    return [
        HeldPackage(**{**row, "items": msgspec.convert(row["items"], tuple[Item, ...])})
        for row in named
    ]


async def put_packages(db: Db, packages: Sequence[HeldPackage]) -> None:
    """Write packages that were made or changed; what was weighed and paid never changes."""
    if not packages:
        return
    await db.execute(
        sql.put_packages,
        {
            "orders": [package.order_id for package in packages],
            "ns": [package.n for package in packages],
            "fulfillment_orders": [package.fulfillment_order for package in packages],
            "locations": [package.location for package in packages],
            "states": [package.state for package in packages],
            "weights_g": [package.weight_g for package in packages],
            "items": [msgspec.json.encode(package.items).decode() for package in packages],
            "carriers": [package.carrier for package in packages],
            "services": [package.service for package in packages],
            "tracking_numbers": [package.tracking_number for package in packages],
            "shipping_costs": [package.shipping_cost for package in packages],
            "handling_costs": [package.handling_cost for package in packages],
            "packed_at": [package.packed_at for package in packages],
            "shipped_at": [package.shipped_at for package in packages],
            "delivered_at": [package.delivered_at for package in packages],
        },
    )
