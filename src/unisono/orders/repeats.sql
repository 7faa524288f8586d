-- name: earlier
-- Who holds these references.
SELECT k.channel, k.reference, k.order_id AS id, k.content_hash, o.number, o.currency, o.total_amount
FROM unnest(%(channels)s::bigint[], %(references)s::text[]) AS w (channel, reference)
JOIN orders.order_key AS k ON k.channel = w.channel AND k.reference = w.reference
JOIN orders.orders AS o ON o.id = k.order_id;

-- name: header
-- What an order said, but for its lines.
SELECT o.currency, o.delivery_option, l.code AS location, o.customer, o.destination, o.delivery_amount
FROM orders.orders AS o
LEFT JOIN network.location AS l ON l.id = o.location
WHERE o.id = %(id)s::uuid;

-- name: lines
-- What an order's lines said.
SELECT s.code, l.quantity, l.unit_price, l.unit_discount
FROM orders.order_line AS l
JOIN catalog.sku AS s ON s.id = l.sku
WHERE l.order_id = %(id)s::uuid
ORDER BY l.n;
