"""What the demo itself saw: to be compared in the end with what the system says."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True, kw_only=True)
class Journal:
    """Counts that grow while the demo runs.

    ``captured`` is by channel, ``refused`` by the code of the refusal. ``references`` names
    captured orders as their channels do. ``late`` counts, by code, what was refused to somebody
    because another one had changed the thing meanwhile.
    """

    planned: int
    captured: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    references: dict[UUID, str] = field(default_factory=dict)
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
