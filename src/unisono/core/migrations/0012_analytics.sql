-- What happened, over all areas: views for reports. Nothing is decided on them.

CREATE SCHEMA analytics;

CREATE VIEW analytics.order_outcome AS
SELECT o.id AS order_id, o.channel, o.delivery_option, o.created_at, p.rerouted,
       CASE
           WHEN o.state = 'cancelled' THEN 'cancelled'
           WHEN o.state <> 'fulfilled' AND p.waiting AND NOT p.at_work THEN 'waiting'
           WHEN o.state <> 'fulfilled' THEN 'at_work'
           WHEN o.delivery_option = 'in_store' THEN 'carried_out'
           WHEN o.delivery_option = 'click_and_collect' THEN 'collected'
           WHEN p.on_the_way THEN 'shipped'
           ELSE 'delivered'
       END AS outcome
FROM orders.orders AS o
JOIN (
    SELECT a.order_id,
           bool_or(a.parked) AS waiting,
           bool_or(NOT a.parked AND a.state NOT IN ('shipped', 'delivered', 'picked_up', 'cancelled')) AS at_work,
           bool_or(a.state = 'shipped') AS on_the_way,
           bool_or(cardinality(a.declined) > 0 AND a.location IS NOT NULL) AS rerouted
    FROM (
        SELECT *, state = 'open' AND (attempts > 0 OR reason = 'out_of_stock') AS parked
        FROM orders.allocation
    ) AS a
    GROUP BY a.order_id
) AS p ON p.order_id = o.id;
COMMENT ON VIEW analytics.order_outcome IS 'What became of each order; one that waits for stock and has nothing else to do is waiting, not at work';

CREATE VIEW analytics.short_order AS
SELECT o.id AS order_id, o.channel, l.units AS ordered, coalesce(d.units, 0) AS placed
FROM orders.orders AS o
JOIN (SELECT order_id, sum(quantity) AS units FROM orders.order_line GROUP BY order_id) AS l ON l.order_id = o.id
LEFT JOIN (
    SELECT decision.order_id, sum((unit ->> 1)::bigint) AS units
    FROM orders.decision AS decision
    CROSS JOIN LATERAL jsonb_array_elements(decision.plan -> 'parcels') AS parcel
    CROSS JOIN LATERAL jsonb_array_elements(parcel -> 'units') AS unit
    WHERE decision.n = 1
    GROUP BY decision.order_id
) AS d ON d.order_id = o.id
WHERE o.delivery_option <> 'in_store' AND l.units > coalesce(d.units, 0);
COMMENT ON VIEW analytics.short_order IS 'Orders that were captured with more units than were free, as their first decision tells';

CREATE VIEW analytics.overdrawn AS
SELECT m.sku, m.location, -min(m.on_hand) AS units, bool_or(m.cause = 'till_sale') AS sold_at_tills
FROM (
    SELECT sku, location, cause, sum(on_hand_change) OVER (PARTITION BY sku, location ORDER BY version, id) AS on_hand
    FROM inventory.movement
) AS m
GROUP BY m.sku, m.location
HAVING min(m.on_hand) < 0;
COMMENT ON VIEW analytics.overdrawn IS 'Goods that left beyond what the figures said was there; tills sell what nobody had recorded';

CREATE VIEW analytics.work AS
SELECT order_id, n, location, state, created_at, changed_at FROM fulfillment.fulfillment_order;
COMMENT ON VIEW analytics.work IS 'What locations were asked to do, and how far they are';

CREATE VIEW analytics.parcel AS
SELECT order_id, n, location, state, carrier, weight_g, shipping_cost, handling_cost, packed_at, shipped_at, delivered_at
FROM fulfillment.package
WHERE state <> 'cancelled';
COMMENT ON VIEW analytics.parcel IS 'What was packed and not cancelled, with its costs in minor units of the cost currency';
