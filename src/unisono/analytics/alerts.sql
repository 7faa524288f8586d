-- name: late_orders
-- Orders that were expected by now, and are neither there nor ready; and since when.
SELECT (SELECT coalesce(sum(orders), 0)::bigint FROM analytics.order_tally WHERE due_at <= now()),
       (SELECT due_at FROM analytics.order_fact WHERE due_at <= now() ORDER BY due_at LIMIT 1);

-- name: late_work
-- Work that should have been packed by now, and since when.
SELECT (SELECT coalesce(sum(works), 0)::bigint FROM analytics.work_tally WHERE due_at <= now()),
       (SELECT due_at FROM analytics.work_fact
        WHERE state IN ('open', 'accepted', 'picking') AND due_at <= now()
        ORDER BY due_at LIMIT 1);

-- name: orders_on_hold
-- Orders on hold, and when the oldest was placed.
SELECT (SELECT coalesce(sum(orders), 0)::bigint FROM analytics.order_tally WHERE state = 'on_hold'),
       (SELECT placed_at FROM analytics.order_fact WHERE state = 'on_hold' ORDER BY placed_at LIMIT 1);

-- name: orders_waiting
-- Orders that wait for stock and for nothing else, and when the oldest was placed.
SELECT (SELECT coalesce(sum(orders), 0)::bigint FROM analytics.order_tally WHERE outcome = 'waiting'),
       (SELECT placed_at FROM analytics.order_fact WHERE outcome = 'waiting' ORDER BY placed_at LIMIT 1);
