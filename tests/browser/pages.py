"""Every page that there is: a line for each, and ``test_pages.py`` looks at it in every way."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """A page by its path, in which ``{names}`` are those of ``seeding.Shop``; who looks at it."""

    path: str
    role: str | None = "administrator"
    status: int = 200


PAGES: Sequence[Seen] = (
    Seen("/sign-in", role=None),
    Seen("/nowhere", status=404),
    Seen("/"),
    Seen("/", role="service"),
    Seen("/late"),
    Seen("/waiting"),
    Seen("/orders"),
    Seen("/orders?search=nothing+like+it"),
    Seen("/orders/{number_split}"),
    Seen("/orders/{number_many_lines}", role="service"),
    Seen("/orders/{number_in_preparation}/cancel"),
    Seen("/orders/{number_in_preparation}/reroute"),
    Seen("/orders/{number_on_hold}/payment"),
    Seen("/fulfillment"),
    Seen("/fulfillment/S-LYON", role="store"),
    Seen("/fulfillment/S-LYON/collect", role="store"),
    Seen("/fulfillment/S-LYON/done", role="store"),
    Seen("/fulfillment/W-ORLEANS", role="store", status=403),
    Seen("/fulfillment/S-LYON/{order_in_preparation}.1", role="store"),
    Seen("/fulfillment/W-ORLEANS/{order_many_lines}.1", role="operations"),
    Seen("/fulfillment/S-LYON/{order_ready_for_pickup}.1", role="store"),
    Seen("/inventory"),
    Seen("/inventory/CUP"),
    Seen("/inventory/CUP/S-LYON", role="store"),
    Seen("/channels"),
    Seen("/channels/web"),
    Seen("/network"),
    Seen("/network?search=nothing+like+it", role="store"),
    Seen("/network/locations/S-LYON"),
    Seen("/network/calendars"),
    Seen("/network/calendars/SHOP"),
    Seen("/network/carriers"),
    Seen("/network/carriers/post"),
    Seen("/settings/people"),
    Seen("/settings/people/new"),
    Seen("/settings/keys"),
    Seen("/settings/keys/new"),
    Seen("/settings/trail"),
    Seen("/settings/installation"),
    Seen("/settings/me", role="store"),
    Seen("/track/{track_in_preparation}", role=None),
    Seen("/track/{track_in_preparation}/cancel", role=None),
    Seen("/track/{track_many_lines}", role=None),
    Seen("/track/{track_waiting}", role=None),
    Seen("/track/{track_cancelled}/cancel", role=None, status=409),
    Seen("/track/{track_delivered}", role="service"),
    Seen("/track/{track_attempted_delivery}", role=None),
    Seen("/track/{track_partly_shipped}", role=None),
    Seen("/track/{track_split}", role=None),
    Seen("/track/{track_to_collect}", role=None),
    Seen("/track/{track_ready_for_pickup}", role=None),
    Seen("/track/nothing", role=None, status=404),
)
