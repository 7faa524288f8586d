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

-- name: listing
-- Orders, the newest first. Nullable: location, destination.
SELECT o.id, o.number, o.version, o.channel, o.reference, o.state, o.holds, o.currency, o.delivery_option, o.location,
       o.customer, o.destination, o.goods_amount, o.delivery_amount, o.total_amount, o.placed_at, o.created_at
FROM orders.orders AS o
WHERE (%(after)s::uuid IS NULL OR o.id < %(after)s::uuid)
  AND (%(channel)s::bigint IS NULL OR o.channel = %(channel)s::bigint)
  AND (%(state)s::text IS NULL OR o.state = %(state)s::text)
  AND (%(number)s::bigint IS NULL OR o.number = %(number)s::bigint)
  AND (%(reference)s::text IS NULL OR o.reference = %(reference)s::text)
  AND (%(placed_from)s::timestamptz IS NULL OR o.placed_at >= %(placed_from)s::timestamptz)
  AND (%(placed_to)s::timestamptz IS NULL OR o.placed_at < %(placed_to)s::timestamptz)
  AND (%(location)s::bigint IS NULL
       OR EXISTS (SELECT FROM orders.allocation AS a WHERE a.order_id = o.id AND a.location = %(location)s::bigint))
ORDER BY o.id DESC
LIMIT %(limit)s::int;

-- name: decisions
-- Why it comes from where it comes.
SELECT n, at, plan FROM orders.decision WHERE order_id = %(id)s::uuid ORDER BY n;
