"""The words for what the system calls by a code, and the tone that goes with each state.

A state is a word with a colour, the same everywhere: grey waits, blue moves, amber is at risk, red
is broken, green is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Tone(StrEnum):
    """How things stand; the value is the name of its colour."""

    WAITING = "secondary"
    MOVING = "blue"
    AT_RISK = "yellow"
    BROKEN = "red"
    DONE = "green"


@dataclass(frozen=True, slots=True)
class Word:
    """The English text for a code, and its tone."""

    text: str
    tone: Tone = Tone.WAITING


def mark(message: str) -> str:
    """Return a text unchanged: it stands here for the catalogs and is translated later."""
    return message


def mark_plural(one: str, many: str) -> tuple[str, str]:
    """Return both forms unchanged: they stand here for the catalogs as one text."""
    return one, many


ORDER: Mapping[str, Word] = MappingProxyType(
    {
        "on_hold": Word(mark("On hold"), Tone.AT_RISK),
        "open": Word(mark("Open"), Tone.MOVING),
        "partially_fulfilled": Word(mark("Partly fulfilled"), Tone.MOVING),
        "fulfilled": Word(mark("Fulfilled"), Tone.DONE),
        "cancelled": Word(mark("Cancelled"), Tone.WAITING),
    }
)

OUTCOME: Mapping[str, Word] = MappingProxyType(
    {
        "at_work": Word(mark("In progress"), Tone.MOVING),
        "waiting": Word(mark("Waiting for stock"), Tone.AT_RISK),
        "shipped": Word(mark("On the way"), Tone.MOVING),
        "delivered": Word(mark("Delivered"), Tone.DONE),
        "collected": Word(mark("Collected"), Tone.DONE),
        "carried_out": Word(mark("Taken along"), Tone.DONE),
        "cancelled": Word(mark("Cancelled"), Tone.WAITING),
    }
)

ALLOCATION: Mapping[str, Word] = MappingProxyType(
    {
        "open": Word(mark("Waiting for stock"), Tone.AT_RISK),
        "allocated": Word(mark("Allocated"), Tone.WAITING),
        "released": Word(mark("Sent to the location"), Tone.MOVING),
        "picked": Word(mark("Picked"), Tone.MOVING),
        "packed": Word(mark("Packed"), Tone.MOVING),
        "shipped": Word(mark("On the way"), Tone.MOVING),
        "delivered": Word(mark("Delivered"), Tone.DONE),
        "ready_for_pickup": Word(mark("Ready to collect"), Tone.MOVING),
        "picked_up": Word(mark("Collected"), Tone.DONE),
        "cancelled": Word(mark("Cancelled"), Tone.WAITING),
    }
)

WORK: Mapping[str, Word] = MappingProxyType(
    {
        "open": Word(mark("To accept"), Tone.WAITING),
        "accepted": Word(mark("To pick"), Tone.MOVING),
        "picking": Word(mark("To pack"), Tone.MOVING),
        "packed": Word(mark("Packed"), Tone.MOVING),
        "shipped": Word(mark("Shipped"), Tone.DONE),
        "ready_for_pickup": Word(mark("Ready to collect"), Tone.MOVING),
        "closed": Word(mark("Done"), Tone.DONE),
        "rejected": Word(mark("Rejected"), Tone.BROKEN),
        "incomplete": Word(mark("Incomplete"), Tone.BROKEN),
        "cancelled": Word(mark("Cancelled"), Tone.WAITING),
    }
)

PACKAGE: Mapping[str, Word] = MappingProxyType(
    {
        "packed": Word(mark("Packed"), Tone.MOVING),
        "shipped": Word(mark("On the way"), Tone.MOVING),
        "delivered": Word(mark("Delivered"), Tone.DONE),
        "cancelled": Word(mark("Cancelled"), Tone.WAITING),
    }
)

HOLD: Mapping[str, Word] = MappingProxyType(
    {
        "payment": Word(mark("Payment"), Tone.AT_RISK),
        "fraud": Word(mark("Fraud check"), Tone.AT_RISK),
        "address": Word(mark("Address"), Tone.AT_RISK),
        "stock": Word(mark("Stock"), Tone.AT_RISK),
        "grace_period": Word(mark("Time to change one's mind"), Tone.WAITING),
        "manual": Word(mark("By hand"), Tone.AT_RISK),
    }
)

DELIVERY_OPTION: Mapping[str, Word] = MappingProxyType(
    {
        "home_standard": Word(mark("Home, standard")),
        "home_express": Word(mark("Home, express")),
        "click_and_collect": Word(mark("Click & collect")),
        "in_store": Word(mark("In the store")),
    }
)

LOCATION_KIND: Mapping[str, Word] = MappingProxyType(
    {
        "warehouse": Word(mark("Warehouse")),
        "store": Word(mark("Store")),
        "third_party": Word(mark("Third party")),
        "supplier": Word(mark("Supplier")),
        "pickup_point": Word(mark("Pickup point")),
    }
)

LOCATION_STATUS: Mapping[str, Word] = MappingProxyType(
    {
        "online": Word(mark("Online"), Tone.DONE),
        "offline": Word(mark("Offline"), Tone.WAITING),
        "suspended": Word(mark("Suspended"), Tone.AT_RISK),
    }
)

CHANNEL_KIND: Mapping[str, Word] = MappingProxyType(
    {
        "web_site": Word(mark("Web site")),
        "app": Word(mark("App")),
        "store_till": Word(mark("Store till")),
        "marketplace": Word(mark("Marketplace")),
        "call_centre": Word(mark("Call centre")),
    }
)

CHANNEL_STATUS: Mapping[str, Word] = MappingProxyType(
    {
        "active": Word(mark("Active"), Tone.DONE),
        "closed": Word(mark("Closed"), Tone.WAITING),
    }
)

ROLE: Mapping[str, Word] = MappingProxyType(
    {
        "administrator": Word(mark("Administrator")),
        "operations": Word(mark("Operations")),
        "service": Word(mark("Customer service")),
        "store": Word(mark("Store")),
    }
)

PERSON: Mapping[str, Word] = MappingProxyType(
    {
        "active": Word(mark("Active"), Tone.DONE),
        "switched_off": Word(mark("Switched off"), Tone.WAITING),
    }
)

BACKGROUND: Mapping[str, Word] = MappingProxyType(
    {
        "up_to_date": Word(mark("Up to date"), Tone.DONE),
        "behind": Word(mark("Behind"), Tone.AT_RISK),
        "set_aside": Word(mark("Events set aside"), Tone.BROKEN),
    }
)

MOVEMENT: Mapping[str, Word] = MappingProxyType(
    {
        "count": Word(mark("Counted")),
        "adjustment": Word(mark("Adjusted"), Tone.MOVING),
        "shipment": Word(mark("Shipped"), Tone.DONE),
        "collection": Word(mark("Collected"), Tone.DONE),
        "till_sale": Word(mark("Sold at the till"), Tone.DONE),
        "not_found": Word(mark("Not found"), Tone.BROKEN),
        "damaged": Word(mark("Damaged"), Tone.BROKEN),
    }
)

STOCK: Mapping[str, Word] = MappingProxyType(
    {
        "out": Word(mark("Out of stock"), Tone.AT_RISK),
        "short": Word(mark("Short"), Tone.BROKEN),
        "negative": Word(mark("Below zero"), Tone.BROKEN),
    }
)

SKU_STATUS: Mapping[str, Word] = MappingProxyType(
    {
        "active": Word(mark("Active"), Tone.DONE),
        "retired": Word(mark("Retired"), Tone.WAITING),
    }
)

WHEN_SHORT: Mapping[str, Word] = MappingProxyType(
    {
        "refuse": Word(mark("Refuses the order")),
        "accept": Word(mark("Accepts the order")),
    }
)

OPENING: Mapping[str, Word] = MappingProxyType(
    {
        "open": Word(mark("Open now"), Tone.DONE),
        "closed": Word(mark("Closed now"), Tone.WAITING),
    }
)

SETS: Mapping[str, Mapping[str, Word]] = MappingProxyType(
    {
        "order": ORDER,
        "outcome": OUTCOME,
        "allocation": ALLOCATION,
        "work": WORK,
        "package": PACKAGE,
        "hold": HOLD,
        "delivery_option": DELIVERY_OPTION,
        "channel_kind": CHANNEL_KIND,
        "channel_status": CHANNEL_STATUS,
        "location_kind": LOCATION_KIND,
        "location_status": LOCATION_STATUS,
        "movement": MOVEMENT,
        "opening": OPENING,
        "sku_status": SKU_STATUS,
        "stock": STOCK,
        "when_short": WHEN_SHORT,
        "role": ROLE,
        "person": PERSON,
        "background": BACKGROUND,
    }
)
"""Every set of words by the name under which templates ask for it."""


def word(kind: str, code: str) -> Word:
    """Return the word of a code; one that is new here is shown as it is, without a colour."""
    return SETS[kind].get(code) or Word(code.replace("_", " ").capitalize())
