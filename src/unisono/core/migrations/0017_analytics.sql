-- What is told late happened when it says so: lead times are those of the goods, not of the message.

CREATE OR REPLACE VIEW analytics.made_ready AS
SELECT aggregate AS order_id, max(coalesce((data ->> 'at')::timestamptz, at)) AS at
FROM core.event
WHERE type = 'fulfillment_order.ready_for_pickup'
GROUP BY aggregate;

CREATE OR REPLACE VIEW analytics.order_beginning AS
SELECT o.id AS order_id, o.destination ->> 'country' AS country, l.units, d.plan -> 'parcels' AS parcels, e.freed_at
FROM orders.orders AS o
CROSS JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS units FROM orders.order_line WHERE order_id = o.id) AS l
CROSS JOIN LATERAL (
    SELECT min(CASE WHEN sequence = 1 THEN o.placed_at ELSE greatest(o.placed_at, coalesce((data ->> 'at')::timestamptz, at)) END) AS freed_at
    FROM core.event
    WHERE aggregate = o.id AND data -> 'holds' = '[]'
) AS e
LEFT JOIN orders.decision AS d ON d.order_id = o.id AND d.n = 1;
COMMENT ON VIEW analytics.order_beginning IS 'What was known when an order began; freed_at is when it was placed, or when the payment was received that released the last hold it was placed with';
