-- name: due
-- Orders that wait for stock and may be tried again.
SELECT order_id
FROM orders.allocation
WHERE state = 'open' AND retry_at <= now()
GROUP BY order_id
ORDER BY min(retry_at), order_id
LIMIT %(limit)s::int;

-- name: insert_decisions
-- Further decisions about these orders, numbered after those they have.
INSERT INTO orders.decision (order_id, n, plan)
SELECT d.order_id,
       (SELECT coalesce(max(e.n), 0) FROM orders.decision AS e WHERE e.order_id = d.order_id)
           + row_number() OVER (PARTITION BY d.order_id ORDER BY d.at),
       d.plan::jsonb
FROM unnest(%(orders)s::uuid[], %(plans)s::text[]) WITH ORDINALITY AS d (order_id, plan, at);

-- name: waiting_skus
-- What orders wait for.
SELECT DISTINCT sku FROM orders.allocation WHERE state = 'open';

-- name: waiting_for
-- Orders that wait for these SKUs.
SELECT DISTINCT order_id FROM orders.allocation
WHERE state = 'open' AND sku = ANY(%(skus)s::bigint[])
ORDER BY order_id
LIMIT %(limit)s::int;
