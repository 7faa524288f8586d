-- name: orders_after
-- Orders after an id, in order.
SELECT id, version, state, holds, goods_amount FROM orders.orders WHERE id > %(after)s::uuid ORDER BY id LIMIT %(limit)s::int;

-- name: allocations_of
-- Every quantity of these orders.
SELECT order_id, n, sku, location, quantity, state, line FROM orders.allocation WHERE order_id = ANY(%(ids)s::uuid[]);

-- name: claims_of
-- The open claims of these orders.
SELECT holder, n, sku, location, quantity FROM inventory.claim WHERE holder = ANY(%(ids)s::uuid[]);

-- name: amounts_of
-- What the lines of these orders cost.
SELECT order_id, sum(quantity * (unit_price - unit_discount))::bigint FROM orders.order_line
WHERE order_id = ANY(%(ids)s::uuid[]) GROUP BY order_id;

-- name: lines_of
-- What was ordered, by line.
SELECT order_id, n, quantity FROM orders.order_line WHERE order_id = ANY(%(ids)s::uuid[]);

-- name: holders_after
-- Who holds claims, after an id, in order.
SELECT DISTINCT holder FROM inventory.claim WHERE holder > %(after)s::uuid ORDER BY holder LIMIT %(limit)s::int;

-- name: known_of
-- Which of these are orders.
SELECT id FROM orders.orders WHERE id = ANY(%(ids)s::uuid[]);
