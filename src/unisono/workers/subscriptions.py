"""Who listens to what: every listener and its events, on one page."""

from unisono.analytics import follow
from unisono.core.listening import Subscription
from unisono.fulfillment import release, withdraw
from unisono.fulfillment.events import FulfillmentOrderRejected, FulfillmentOrderShortPicked
from unisono.orders import reroute, search
from unisono.orders.events import (
    OrderCancelled,
    OrderChanged,
    OrderCreated,
    OrderPaid,
    SourcingPlanCreated,
)
from unisono.tracking import timeline

SUBSCRIPTIONS: tuple[Subscription, ...] = (
    Subscription(
        name="fulfillment.release",
        types=frozenset((OrderCreated.name, OrderPaid.name, SourcingPlanCreated.name)),
        listener=release.listen,
    ),
    Subscription(
        name="orders.reroute",
        types=frozenset((FulfillmentOrderRejected.name, FulfillmentOrderShortPicked.name)),
        listener=reroute.listen,
    ),
    Subscription(
        name="orders.search",
        types=frozenset((OrderCreated.name,)),
        listener=search.listen,
    ),
    Subscription(
        name="fulfillment.withdraw",
        types=frozenset((OrderChanged.name, OrderCancelled.name)),
        listener=withdraw.listen,
    ),
    Subscription(
        name="tracking.timeline",
        types=timeline.DRAWN,
        listener=timeline.record,
    ),
    Subscription(
        name=follow.LISTENER,
        types=follow.FOLLOWED,
        listener=follow.follow,
    ),
)
