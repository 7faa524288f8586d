"""Every area that has routes, in the order of the documentation."""

from unisono.api import catalog, channels, fulfillment, network, orders, stock, tracking
from unisono.api.area import Area

AREAS: tuple[Area, ...] = (
    network.area,
    catalog.area,
    channels.area,
    stock.area,
    orders.area,
    fulfillment.area,
    tracking.area,
)
