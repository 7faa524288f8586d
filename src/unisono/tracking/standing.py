"""How an order stands, in the one word that its customer wants first; pure, from its timeline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from unisono.orders.new_order import COLLECTED
from unisono.tracking.timeline import Step, Timeline

Kind = Literal[
    "cancelled",
    "on_hold",
    "waiting",
    "in_preparation",
    "partly_shipped",
    "shipped",
    "out_for_delivery",
    "attempted_delivery",
    "delayed",
    "failure",
    "returning_to_sender",
    "partly_delivered",
    "delivered",
    "partly_ready",
    "ready_for_pickup",
    "picked_up",
]
StageName = Literal["ordered", "prepared", "shipped", "delivered", "ready_for_pickup", "picked_up"]
Reached = Literal["yes", "partly", "no"]

URGENT: tuple[Kind, ...] = (
    "returning_to_sender",
    "failure",
    "attempted_delivery",
    "delayed",
    "out_for_delivery",
)
"""What a carrier tells of one package and its customer should know at once, the worst first."""

KEPT = frozenset(
    ("cancelled", "delivered", "picked_up", "ready_for_pickup", "returning_to_sender", "failure")
)
"""Nothing is expected of such an order any more, by a date that is known."""

# Which states of items are at a stage or beyond it.
_BROUGHT: dict[StageName, frozenset[str]] = {
    "prepared": frozenset(("prepared", "shipped", "delivered")),
    "shipped": frozenset(("shipped", "delivered")),
    "delivered": frozenset(("delivered",)),
}
_FETCHED: dict[StageName, frozenset[str]] = {
    "prepared": frozenset(("prepared", "ready_for_pickup", "picked_up")),
    "ready_for_pickup": frozenset(("ready_for_pickup", "picked_up")),
    "picked_up": frozenset(("picked_up",)),
}
_MILESTONES: dict[StageName, str] = {
    "ordered": "confirmed",
    "shipped": "carrier_picked_up",
    "delivered": "delivered",
    "ready_for_pickup": "ready_for_pickup",
    "picked_up": "picked_up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage on the way; ``at`` is when the first units reached it, if somebody told."""

    name: StageName
    reached: Reached
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the order is; ``package`` is the one that an urgent kind is about.

    ``at`` is when it came to this. ``expected_by`` is None when nothing is expected any more or
    nobody can tell; ``late`` when that moment has passed.
    """

    kind: Kind
    stages: tuple[Stage, ...]
    package: int | None
    at: datetime | None
    expected_by: datetime | None
    late: bool


def standing(timeline: Timeline, *, expected_by: datetime | None, now: datetime) -> Standing:
    """Return how an order stands; ``expected_by`` is by when its customer could count on it."""
    kind, package = _kind(timeline)
    by = None if kind in KEPT else expected_by
    return Standing(
        kind=kind,
        stages=() if kind == "cancelled" else _stages(timeline),
        package=package,
        at=_last(timeline.steps, package),
        expected_by=by,
        late=by is not None and by <= now,
    )


def _kind(timeline: Timeline) -> tuple[Kind, int | None]:
    states = {each.state for each in timeline.items} - {"cancelled"}
    if not states:
        return "cancelled", None
    if timeline.delivery_option in COLLECTED:
        return _kind_fetched(timeline, states), None
    travelling = {
        each.milestone: each.package for each in timeline.packages if each.state == "shipped"
    }
    for told in URGENT:
        if told in travelling:
            return told, travelling[told]
    return _kind_brought(timeline, states), None


def _kind_brought(timeline: Timeline, states: set[str]) -> Kind:
    if "delivered" in states:
        return "delivered" if states == {"delivered"} else "partly_delivered"
    if "shipped" in states:
        return "shipped" if states == {"shipped"} else "partly_shipped"
    return _kind_here(timeline, states)


def _kind_fetched(timeline: Timeline, states: set[str]) -> Kind:
    if states == {"picked_up"}:
        return "picked_up"
    if "ready_for_pickup" not in states:
        return _kind_here(timeline, states)
    return "ready_for_pickup" if states <= {"ready_for_pickup", "picked_up"} else "partly_ready"


def _kind_here(timeline: Timeline, states: set[str]) -> Kind:
    """Return the kind of an order of which nothing has left."""
    if timeline.state == "on_hold":
        return "on_hold"
    return "waiting" if states == {"waiting"} else "in_preparation"


def _stages(timeline: Timeline) -> tuple[Stage, ...]:
    beyond = _FETCHED if timeline.delivery_option in COLLECTED else _BROUGHT
    alive = [each.state for each in timeline.items if each.state != "cancelled"]
    stages = [Stage(name="ordered", reached="yes", at=_first(timeline.steps, "ordered"))]
    for name, states in beyond.items():
        there = sum(state in states for state in alive)
        reached: Reached = "yes" if there == len(alive) else "partly" if there else "no"
        at = _first(timeline.steps, name) if there else None
        stages.append(Stage(name=name, reached=reached, at=at))
    return tuple(stages)


def _first(steps: Iterable[Step], stage: StageName) -> datetime | None:
    milestone = _MILESTONES.get(stage)
    return min((step.at for step in steps if step.milestone == milestone), default=None)


def _last(steps: Iterable[Step], package: int | None) -> datetime | None:
    return max((each.at for each in steps if package in {None, each.package}), default=None)
