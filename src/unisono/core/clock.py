"""The application's clock, in one place so that tests can set it, and the times of other clocks."""

from datetime import UTC, datetime, timedelta

from unisono.core.errors import Fault

AHEAD_MAX = timedelta(minutes=5)
"""How far the clock of another system may be ahead."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Times before are mistakes; those at the ends of the calendar cannot even be read back."""


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def fault_of(at: datetime | None, *, pointer: str, ahead: timedelta = AHEAD_MAX) -> Fault | None:
    """Return what is wrong with the time of something that happened, if anything.

    It needs its offset and lies between EARLIEST and ``ahead`` of now; no time is never wrong.
    """
    if at is None:
        return None
    if at.tzinfo is None:
        detail = "a time needs its offset, for example 2026-11-22T10:00:00Z"
        return Fault(pointer=pointer, code="time_without_offset", detail=detail)
    if at > now() + ahead:
        detail = f"{at.isoformat()} is in the future"
        return Fault(pointer=pointer, code="in_the_future", detail=detail)
    if at < EARLIEST:
        detail = f"{at.isoformat()} is before {EARLIEST.date()}"
        return Fault(pointer=pointer, code="too_long_ago", detail=detail)
    return None
