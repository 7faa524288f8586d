"""Deadlines: by when a location must have packed its work."""

from datetime import datetime, timedelta

from unisono.fulfillment.records import Held
from unisono.network import calendars
from unisono.network.network import Network
from unisono.orders.new_order import COLLECTED


def due_at(everywhere: Network, held: Held, *, collect_ready_minutes: int) -> datetime | None:
    """Return by when the work must be packed, in UTC.

    What a carrier brings leaves with the first van after the work was asked for: its service's
    cut-off for the kind of location, on the location's clock, on a day on which its calendar opens.
    What is collected is ready after ``collect_ready_minutes`` of opening hours. None when nothing
    can be told: the service is not known (any more), or the location does not open.
    """
    location = everywhere.by_id[held.location]
    calendar = None if location.calendar is None else everywhere.calendars[location.calendar]
    if held.delivery_option in COLLECTED:
        return calendars.after_open_time(
            calendar,
            held.created_at,
            location.time_zone,
            open_time=timedelta(minutes=collect_ready_minutes),
        )
    for service in everywhere.services:
        if (service.carrier, service.code) == (held.carrier, held.service):
            return calendars.next_cut_off(
                calendar,
                held.created_at,
                location.time_zone,
                cut_off=service.cut_off_of(location.kind),
            )
    return None


class Deadlines:
    """The deadlines of several works; that of a van is told once for all who wait for it."""

    __slots__ = ("_collect_ready_minutes", "_everywhere", "_vans")

    def __init__(self, everywhere: Network, *, collect_ready_minutes: int) -> None:
        """Begin without any van met."""
        self._everywhere = everywhere
        self._collect_ready_minutes = collect_ready_minutes
        self._vans: dict[tuple[int, str | None, str | None], tuple[datetime, datetime]] = {}

    def of(self, held: Held) -> datetime | None:
        """Return what ``due_at`` returns."""
        waits = held.delivery_option not in COLLECTED
        van = (held.location, held.carrier, held.service)
        if waits and van in self._vans:
            since, leaves = self._vans[van]
            # No other van leaves between them, so that work of this time waits for the same one.
            if since <= held.created_at < leaves:
                return leaves
        due = due_at(self._everywhere, held, collect_ready_minutes=self._collect_ready_minutes)
        if waits and due is not None:
            self._vans[van] = (held.created_at, due)
        return due
