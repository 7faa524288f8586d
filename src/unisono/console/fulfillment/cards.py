"""A work as a list shows it: what it is, how long there is, and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from unisono.console.fulfillment import time_left
from unisono.console.fulfillment.time_left import TimeLeft
from unisono.console.languages import Language
from unisono.fulfillment.queue import FulfillmentLine, FulfillmentOrder
from unisono.orders.new_order import COLLECTED

_STEPS = {
    "open": "accept",
    "accepted": "pick",
    "picking": "pack",
    "ready_for_pickup": "hand_over",
}
GOODS_NAMED = 2
"""So many of the goods are named on a card; of the others there is a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A work with what its card says; ``step`` is what to do next, None when nothing is."""

    work: FulfillmentOrder
    step: str | None
    left: TimeLeft | None
    lines: tuple[FulfillmentLine, ...]

    @property
    def units(self) -> int:
        """How many units are wanted."""
        return sum(line.quantity for line in self.lines)

    @property
    def named(self) -> tuple[FulfillmentLine, ...]:
        """The first goods."""
        return self.lines[:GOODS_NAMED]


def card(work: FulfillmentOrder, *, zone: str, now: datetime, language: Language) -> Card:
    """Return a work as a card; ``zone`` is the name of its location's time zone."""
    lines = wanted(work.lines)
    # Nobody goes on with work that was cancelled a moment ago and is about to be withdrawn.
    step = step_of(work) if lines else None
    left = None
    if work.due_at is not None and step not in {None, "hand_over"}:
        left = time_left.told(
            work.due_at,
            until="pickup" if is_collected(work) else "van",
            now=now,
            zone=ZoneInfo(zone),
            language=language,
        )
    return Card(work=work, step=step, left=left, lines=lines)


def step_of(work: FulfillmentOrder) -> str | None:
    """Return the name of the next step of a work."""
    if work.state == "packed":
        return "set_out" if is_collected(work) else "ship"
    return _STEPS.get(work.state)


def steps(work: FulfillmentOrder) -> tuple[str, ...]:
    """Return every step of such a work."""
    last = ("set_out", "hand_over") if is_collected(work) else ("ship",)
    return ("accept", "pick", "pack", *last)


def is_collected(work: FulfillmentOrder) -> bool:
    """Whether the customer comes for the goods."""
    return work.delivery_option in COLLECTED


def wanted(lines: Iterable[FulfillmentLine]) -> tuple[FulfillmentLine, ...]:
    """Return the lines that were not cancelled."""
    return tuple(line for line in lines if line.state != "cancelled")
