"""When something happened, by the clock of whoever reports it."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from unisono.core import clock
from unisono.core.errors import InvalidInput

Moment = Annotated[
    datetime, Meta(tz=True, description="RFC 3339", examples=["2026-03-02T09:30:00Z"])
]


def happened(at: datetime | None) -> datetime:
    """Return when something happened; None means now. Raises InvalidInput (see ``clock``)."""
    if at is None:
        return clock.now()
    fault = clock.fault_of(at, pointer="/occurred_at")
    if fault is not None:
        raise InvalidInput(fault)
    return at
