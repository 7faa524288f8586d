"""The network, to read: locations, the calendars they keep, the carriers that collect from them."""

from unisono.console.area import Pages
from unisono.console.network import calendars, carriers, locations

pages = Pages(
    name="network",
    routes=(
        locations.list_locations,
        locations.show_location,
        calendars.list_calendars,
        calendars.show_calendar,
        carriers.list_carriers,
        carriers.show_carrier,
    ),
)
