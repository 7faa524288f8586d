"""Every table with what it is distributed by, for a sharded PostgreSQL.

``reference``: small, on every node. ``sku``, ``document``, ``location``, ``key``: by the first
column of its primary key. ``local``: on the coordinator. A test compares this page with the
catalog of a migrated database, and each distributed table's unique keys with its column.
"""

from typing import Literal

Kind = Literal["reference", "sku", "document", "location", "key", "local"]

TABLES: dict[str, Kind] = {
    "core.revision": "reference",
    "core.event": "document",
    "core.batch": "document",
    "core.event_position": "local",
    "core.subscription": "local",
    "core.dead_letter": "local",
    "core.idempotency": "key",
    "core.secret": "reference",
    "identity.person": "local",
    "identity.api_key": "local",
    "identity.session": "local",
    "identity.sign_in_try": "local",
    "identity.audit_entry": "local",
    "catalog.sku": "reference",
    "network.calendar": "reference",
    "network.location": "reference",
    "network.carrier": "reference",
    "network.rate": "reference",
    "network.place": "reference",
    "channels.channel": "reference",
    "inventory.stock_level": "sku",
    "inventory.claim": "sku",
    "inventory.movement": "sku",
    "inventory.unavailable": "sku",
    "inventory.stock_change": "document",
    "payments.payment": "document",
    "orders.order_key": "key",
    "orders.orders": "document",
    "orders.order_line": "document",
    "orders.allocation": "document",
    "orders.decision": "document",
    "orders.search_entry": "document",
    "orders.note": "document",
    "fulfillment.fulfillment_order": "document",
    "fulfillment.package": "document",
    "fulfillment.tracking_number": "key",
    "fulfillment.carrier_fact": "document",
    "tracking.tracking_event": "document",
    "analytics.order_fact": "document",
    "analytics.work_fact": "document",
    "analytics.parcel_fact": "document",
    "analytics.order_tally": "local",
    "analytics.work_tally": "local",
    "analytics.parcel_tally": "local",
    "analytics.flow_tally": "local",
    "analytics.lead_tally": "local",
}
