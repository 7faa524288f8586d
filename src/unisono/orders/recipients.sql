-- name: recipients
-- Whom orders are for. Nullable: location, destination, customer_name.
SELECT id AS order_id, number, state, version, delivery_option, location, destination, customer ->> 'name' AS customer_name
FROM orders.orders
WHERE id = ANY(%(ids)s::uuid[]);

-- name: numbered
-- The orders of a number.
SELECT id FROM orders.orders WHERE number = %(number)s::bigint ORDER BY id;

-- name: allocations
-- Where every quantity of these orders stands. Nullable: location, fulfillment_order, reason, retry_at.
SELECT order_id, n, line, sku, quantity, location, state, fulfillment_order, reason, declined, attempts, retry_at
FROM orders.allocation
WHERE order_id = ANY(%(ids)s::uuid[])
ORDER BY order_id, n;
