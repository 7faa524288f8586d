-- name: raise_versions
-- Locks these orders, in the order of the list, by raising their versions.
UPDATE orders.orders AS o
SET version = o.version + 1
FROM unnest(%(ids)s::uuid[]) AS k (id)
WHERE o.id = k.id
RETURNING o.id, o.number, o.version, o.channel, o.reference, o.state, o.holds, o.currency, o.delivery_option,
          o.location, o.destination, o.total_amount;

-- name: allocations
-- Where every quantity of these orders stands.
SELECT order_id, n, line, sku, quantity, location, state, fulfillment_order, reason, declined, attempts, retry_at
FROM orders.allocation
WHERE order_id = ANY(%(ids)s::uuid[])
ORDER BY order_id, n;

-- name: write_headers
-- What the changes made of the orders: one version per event told.
UPDATE orders.orders AS o
SET version = c.version, state = c.state, holds = string_to_array(c.holds, ',')
FROM unnest(%(ids)s::uuid[], %(versions)s::bigint[], %(states)s::text[], %(holds)s::text[])
    AS c (id, version, state, holds)
WHERE o.id = c.id;

-- name: write_allocations
-- Allocations that were changed or split off.
INSERT INTO orders.allocation (order_id, n, line, sku, quantity, location, state, fulfillment_order, reason, declined,
                               attempts, retry_at)
SELECT c.order_id, c.n, c.line, c.sku, c.quantity, c.location, c.state, c.fulfillment_order, c.reason,
       string_to_array(c.declined, ',')::bigint[], c.attempts, c.retry_at
FROM unnest(%(orders)s::uuid[], %(ns)s::int[], %(lines)s::int[], %(skus)s::bigint[], %(quantities)s::int[],
            %(locations)s::bigint[], %(states)s::text[], %(fulfillment_orders)s::int[], %(reasons)s::text[],
            %(declined)s::text[], %(attempts)s::int[], %(retry_at)s::timestamptz[])
    AS c (order_id, n, line, sku, quantity, location, state, fulfillment_order, reason, declined, attempts, retry_at)
ON CONFLICT (order_id, n) DO UPDATE
SET quantity = excluded.quantity, location = excluded.location, state = excluded.state,
    fulfillment_order = excluded.fulfillment_order, reason = excluded.reason, declined = excluded.declined,
    attempts = excluded.attempts, retry_at = excluded.retry_at;
