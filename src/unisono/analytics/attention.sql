-- name: late
-- Orders that were expected by now, and are neither there nor ready.
SELECT order_id, due_at AS since
FROM analytics.order_fact
WHERE due_at <= now()
ORDER BY due_at
LIMIT %(limit)s::int;

-- name: waiting
-- Orders that wait for stock and for nothing else.
SELECT order_id, placed_at AS since
FROM analytics.order_fact
WHERE outcome = 'waiting'
ORDER BY placed_at
LIMIT %(limit)s::int;
