"""The pages of orders: the list, one order with its story, and what can be done with it."""

from unisono.console.area import Pages
from unisono.console.orders import actions, cancelling, listing, order, rerouting

pages = Pages(
    name="orders",
    routes=(
        listing.list_orders,
        order.show_order,
        actions.write_note,
        actions.show_payment,
        actions.record_payment,
        cancelling.show_cancel,
        cancelling.cancel_order,
        rerouting.show_reroute,
        rerouting.reroute_order,
    ),
)
