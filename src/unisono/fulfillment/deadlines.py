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
