"""The lifecycles of an order's quantities and of the order itself: the tables and the roll-up."""

from collections.abc import Iterable
from typing import Literal

from unisono.core.lifecycle import Lifecycle

OrderState = Literal["on_hold", "open", "partially_fulfilled", "fulfilled", "cancelled"]

ALLOCATION = Lifecycle(
    name="allocation",
    transitions={
        "open": {"allocated": "sourcing found stock", "cancelled": "cancelled"},
        "allocated": {
            "released": "the location was asked",
            "open": "its place can no longer serve it",
            "cancelled": "cancelled",
        },
        "released": {
            "picked": "the location found it",
            "open": "rejected, or not found",
            "cancelled": "cancelled",
        },
        "picked": {
            "packed": "put into a package",
            "open": "rejected",
            "cancelled": "cancelled",
        },
        "packed": {
            "shipped": "left with the carrier",
            "ready_for_pickup": "waits for the customer",
            "cancelled": "cancelled",
        },
        "shipped": {"delivered": "the carrier delivered it"},
        "ready_for_pickup": {
            "picked_up": "handed to the customer",
            "cancelled": "cancelled, or not collected",
        },
        "delivered": {},
        "picked_up": {},
        "cancelled": {},
    },
)

ORDER = Lifecycle(
    name="order",
    transitions={
        "on_hold": {"open": "the last hold was released", "cancelled": "cancelled"},
        "open": {
            "partially_fulfilled": "a part left",
            "fulfilled": "everything left or was handed over",
            "cancelled": "everything was cancelled",
        },
        "partially_fulfilled": {"fulfilled": "the rest left, or was cancelled"},
        "fulfilled": {},
        "cancelled": {},
    },
)

DONE = frozenset(("shipped", "delivered", "picked_up"))


def rolled_up(allocation_states: Iterable[str], *, on_hold: bool) -> str:
    """Return the state of an order from the states of its quantities.

    Everything cancelled is cancelled; what is not cancelled and all gone is fulfilled; gone in part
    is partially fulfilled; else on hold while a hold stands, else open.
    """
    alive = [state for state in allocation_states if state != "cancelled"]
    gone = sum(state in DONE for state in alive)
    if not alive:
        return "cancelled"
    if gone == len(alive):
        return "fulfilled"
    if gone:
        return "partially_fulfilled"
    return "on_hold" if on_hold else "open"
