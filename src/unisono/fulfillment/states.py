"""The lifecycles of a fulfillment order and of a package."""

from unisono.core.lifecycle import Lifecycle

FULFILLMENT_ORDER = Lifecycle(
    name="fulfillment order",
    transitions={
        "open": {
            "accepted": "the location takes it on",
            "rejected": "another location must do it",
            "cancelled": "nothing of it is wanted any more",
        },
        "accepted": {
            "picking": "goods were found",
            "incomplete": "nothing was found",
            "rejected": "another location must do it",
            "cancelled": "nothing of it is wanted any more",
        },
        "picking": {
            "packed": "everything picked is in packages",
            "rejected": "another location must do it",
            "cancelled": "nothing of it is wanted any more",
        },
        "packed": {
            "shipped": "the packages left with the carrier",
            "ready_for_pickup": "the packages wait for the customer",
            "cancelled": "nothing of it is wanted any more",
        },
        "shipped": {"closed": "every package was delivered"},
        "ready_for_pickup": {
            "closed": "handed to the customer",
            "cancelled": "cancelled, or not collected",
        },
        "closed": {},
        "rejected": {},
        "incomplete": {},
        "cancelled": {},
    },
)

PACKAGE = Lifecycle(
    name="package",
    transitions={
        "packed": {
            "shipped": "left with the carrier",
            "delivered": "handed to the customer",
            "cancelled": "nothing in it is wanted any more",
        },
        "shipped": {"delivered": "the carrier delivered it"},
        "delivered": {},
        "cancelled": {},
    },
)
