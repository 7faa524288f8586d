"""When something happened, by the clock of whoever reports it."""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta

from unisono.core import clock
from unisono.core.errors import Fault, InvalidInput

Moment = Annotated[
    datetime, Meta(tz=True, description="RFC 3339", examples=["2026-03-02T09:30:00Z"])
]

AHEAD_MAX = timedelta(minutes=5)
"""How far the clock of a location or a carrier may be ahead."""


def fault_of(at: datetime, *, pointer: str) -> Fault | None:
    """Return what is wrong with the moment of something that happened, if anything."""
    if at <= clock.now() + AHEAD_MAX:
        return None
    detail = f"{at.isoformat()} is in the future"
    return Fault(pointer=pointer, code="in_the_future", detail=detail)


def happened(at: datetime | None) -> datetime:
    """Return when something happened; None means now. Raises InvalidInput for the future."""
    if at is None:
        return clock.now()
    fault = fault_of(at, pointer="/occurred_at")
    if fault is not None:
        raise InvalidInput(fault)
    return at
