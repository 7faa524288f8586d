"""The small retailer with orders in every state that pages show, and people of every role."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

import msgspec

from tests.analytics.listening import settled
from tests.fulfillment.floor import AUTHOR, cancelled, captured, packed, shipped
from tests.orders import shop
from tests.orders.shop import collected, open_shop, order
from unisono.catalog import skus
from unisono.catalog.skus import NewSku
from unisono.core import clock
from unisono.core.database import Database
from unisono.fulfillment import deliver
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.deliver import CarrierFact, Milestone
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.ship import Labelled, ship
from unisono.identity import people, sessions
from unisono.network import calendars, locations
from unisono.network.calendars import Interval, NewCalendar, Week
from unisono.orders import recipients
from unisono.orders.new_order import NewLine, NewOrder, NewPayment
from unisono.tracking import links

PASSWORD = "a password of nobody"
PEOPLE: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "administrator": ("Ada Admin", ()),
        "operations": ("Karim Lefèvre", ()),
        "service": ("Hélène Moreau", ()),
        "store": ("Inès Garnier", ("S-LYON",)),
    }
)
"""Names and locations by role; the e-mail address of each is ``{role}@shop.example``."""

LINES_MAX = 200
LONG = "A lamp whose name goes on and on, so that every page shows what it does with it all"
TALL = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
STOCK = {
    ("CUP", "S-LYON"): 60,
    ("LAMP", "S-LYON"): 40,
    ("CHAIR", "W-ORLEANS"): 30,
    ("CUP", "W-ORLEANS"): 500,
}
_DAY = (Interval(opens="10:00", closes="12:30"), Interval(opens="14:00", closes="19:00"))
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What is in the database: sessions by role, and names that addresses of pages may hold.

    ``names`` has, for every state of ``_orders``, ``track_{state}`` (the token of its tracking
    page), ``order_{state}`` (its id) and ``number_{state}``.
    """

    sessions: Mapping[str, str]
    names: Mapping[str, str]


async def seed(database: Database) -> Shop:
    """Make everything; whoever works here is signed in."""
    await open_shop(database, {})
    await _describe(database)
    await shop.count(database, STOCK)
    orders = await _orders(database)
    await settled(database)
    return Shop(sessions=await _signed_in(database), names=await _names(database, orders))


async def _signed_in(database: Database) -> dict[str, str]:
    tokens = {}
    for role, (name, at) in PEOPLE.items():
        email = f"{role}@shop.example"
        async with database.transaction() as db:
            await people.add(db, email=email, name=name, password=PASSWORD, role=role, locations=at)
        tokens[role] = (await sessions.sign_in(database, email=email, password=PASSWORD)).token
    return tokens


async def _names(database: Database, orders: Mapping[str, UUID]) -> dict[str, str]:
    key = await links.key(database)
    async with database.read() as db:
        known = await recipients.recipients(db, order_ids=orders.values())
    return {
        **{f"track_{state}": links.token(each, key=key) for state, each in orders.items()},
        **{f"order_{state}": str(each) for state, each in orders.items()},
        **{f"number_{state}": str(known[each].number) for state, each in orders.items()},
    }


async def _describe(database: Database) -> None:
    """Give the shop names that pages must cope with, and opening hours."""
    async with database.transaction() as db:
        await calendars.put(
            db,
            calendar=NewCalendar(
                code="SHOP",
                name="Monday to Saturday",
                weekly=Week(**dict.fromkeys(_WEEK, _DAY)),
                holidays="FR",
            ),
        )
        lyon = msgspec.structs.replace(shop._location("S-LYON"), calendar="SHOP")
        await locations.put(db, locations=[lyon], currency="EUR")
        await skus.put(
            db,
            skus=[
                NewSku(code="LAMP", name=LONG, weight_g=900),
                NewSku(code="CHAIR", name=TALL, weight_g=4000),
                NewSku(code="VASE", name="A vase that nobody has", weight_g=700),
            ],
        )


async def _orders(database: Database) -> dict[str, UUID]:
    return {
        **await _before_they_leave(database),
        **await _travelling(database),
        **await _collected(database),
    }


async def _before_they_leave(database: Database) -> dict[str, UUID]:
    cups = tuple(NewLine(sku="CUP", quantity=1, unit_price="4.00") for _ in range(LINES_MAX))
    made = {
        "on_hold": order("H-1", ("CUP", 1), payment=NewPayment(status="pending")),
        "in_preparation": order("P-1", ("CUP", 2), ("LAMP", 1)),
        "many_lines": order("P-2", lines=cups),
        "waiting": order("P-3", ("VASE", 1), channel="market"),
        "cancelled": order("P-4", ("CUP", 2)),
    }
    orders = {state: await _asked(database, new) for state, new in made.items()}
    await cancelled(database, orders["cancelled"])
    return orders


async def _travelling(database: Database) -> dict[str, UUID]:
    orders = {}
    told: Mapping[str, tuple[Milestone, ...]] = {
        "shipped": ("in_transit",),
        "out_for_delivery": ("in_transit", "out_for_delivery"),
        "attempted_delivery": ("out_for_delivery", "attempted_delivery"),
        "delivered": ("in_transit", "out_for_delivery", "delivered"),
    }
    for state, milestones in told.items():
        orders[state] = await _asked(database, order(f"T-{state}", ("CUP", 2), ("LAMP", 1)))
        await shipped(database, FulfillmentRef(order_id=orders[state], n=1), f"6A-{state}")
        await _carried(database, f"6A-{state}", milestones)
    # Cups and lamps are at Lyon, chairs at Orléans: one order, two packages.
    for state, leaving in (("partly_shipped", 1), ("split", 2)):
        orders[state] = await _asked(
            database, order(f"T-{state}", ("LAMP", 3), ("CHAIR", 1), ("CUP", 2))
        )
        await cancelled(database, orders[state], (1, 1))
        for n in range(1, leaving + 1):
            ref = FulfillmentRef(order_id=orders[state], n=n)
            await _shipped_as(database, ref, package=n, number=f"6A-{state}-{n}")
    return orders


async def _collected(database: Database) -> dict[str, UUID]:
    orders = {}
    for state in ("to_collect", "ready_for_pickup", "picked_up"):
        new = collected(f"C-{state}", ("CUP", 2), ("LAMP", 1), location="S-LYON")
        orders[state] = await _asked(database, new)
        ref = FulfillmentRef(order_id=orders[state], n=1)
        if state == "to_collect":
            continue
        await packed(database, ref)
        async with database.transaction() as db:
            await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR)
        if state == "picked_up":
            async with database.transaction() as db:
                await hand_over(db, ref=ref, version=None, author=AUTHOR)
    return orders


async def _asked(database: Database, new: NewOrder) -> UUID:
    """Capture an order and let its locations be asked."""
    order_id = await captured(database, new)
    await settled(database)
    return order_id


async def _shipped_as(
    database: Database, ref: FulfillmentRef, *, package: int, number: str
) -> None:
    await packed(database, ref)
    async with database.transaction() as db:
        await ship(
            db,
            ref=ref,
            version=None,
            author=AUTHOR,
            packages=[Labelled(package=package, tracking_number=number)],
        )


async def _carried(database: Database, number: str, milestones: tuple[Milestone, ...]) -> None:
    now = clock.now()
    async with database.transaction() as db:
        await deliver.record(
            db,
            facts=[
                CarrierFact(
                    carrier="post",
                    tracking_number=number,
                    milestone=milestone,
                    at=now + timedelta(seconds=n),
                )
                for n, milestone in enumerate(milestones)
            ],
        )
