"""What the demo itself saw: to be compared in the end with what the system says."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from unisono.demo.order_plan import PlannedOrder


@dataclass(slots=True, kw_only=True)
class Known:
    """An order as the demo knows it; one that a visitor placed has no plan.

    ``since`` is from when on its next piece of work could be done.
    """

    reference: str
    planned: PlannedOrder | None
    since: datetime


@dataclass(slots=True, kw_only=True)
class Journal:
    """Counts that grow while the demo runs.

    ``captured`` is by channel, ``refused`` by the code of the refusal. ``late`` counts, by code,
    what was refused to somebody because another one had changed the thing meanwhile. Of the orders,
    the newest ``known_max`` are known.
    """

    planned: int
    known_max: int
    captured: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    known: dict[UUID, Known] = field(default_factory=dict)
    late: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    short_units: int = 0
    paid_later: int = 0
    cancelled_by_customers: int = 0
    cancelled_by_care: int = 0
    capture_seconds: float = 0.0

    @property
    def answered(self) -> int:
        """How many of the planned orders have got their answer."""
        return self.captured.total() + self.refused.total()

    def remember(self, order_id: UUID, known: Known) -> None:
        """Know an order from now on, and forget the oldest one when there are too many."""
        self.known[order_id] = known
        if len(self.known) > self.known_max:
            del self.known[next(iter(self.known))]
