-- name: by_id
-- One order. Nullable: location, destination.
SELECT id, number, version, channel, reference, state, holds, currency, delivery_option, location, customer, destination,
       goods_amount, delivery_amount, total_amount, placed_at, created_at
FROM orders.orders
WHERE id = %(id)s::uuid;

-- name: lines
-- What was ordered.
SELECT n, sku, quantity, unit_price, unit_discount FROM orders.order_line WHERE order_id = %(id)s::uuid ORDER BY n;

-- name: allocations
-- Where each quantity of it stands.
SELECT n, line, quantity, location, state, reason FROM orders.allocation WHERE order_id = %(id)s::uuid ORDER BY n;

-- name: decisions
-- Why it comes from where it comes.
SELECT n, at, plan FROM orders.decision WHERE order_id = %(id)s::uuid ORDER BY n;
