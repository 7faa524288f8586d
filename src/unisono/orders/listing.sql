-- name: newest
-- The newest orders of these channels and states between two moments, read in order from the index.
SELECT near.id, near.placed_at
FROM unnest(%(channels)s::bigint[]) AS c (channel)
CROSS JOIN unnest(%(states)s::text[]) AS s (state)
CROSS JOIN LATERAL (
    SELECT o.id, o.placed_at
    FROM orders.orders AS o
    WHERE o.channel = c.channel AND o.state = s.state AND o.placed_at >= %(placed_from)s::timestamptz
      AND (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
    ORDER BY o.placed_at DESC, o.id DESC
    LIMIT %(limit)s::int
) AS near
ORDER BY near.placed_at DESC, near.id DESC
LIMIT %(limit)s::int;

-- name: newest_matching
-- Of the newest orders of these channels and states those that match, as two lists, and how many were looked at.
WITH near AS MATERIALIZED (
    SELECT o.id, o.placed_at
    FROM unnest(%(channels)s::bigint[]) AS c (channel)
    CROSS JOIN unnest(%(states)s::text[]) AS s (state)
    CROSS JOIN LATERAL (
        SELECT o.id, o.placed_at
        FROM orders.orders AS o
        WHERE o.channel = c.channel AND o.state = s.state AND o.placed_at >= %(placed_from)s::timestamptz
          AND (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
        ORDER BY o.placed_at DESC, o.id DESC
        LIMIT %(looked_at)s::int
    ) AS o
    ORDER BY o.placed_at DESC, o.id DESC
    LIMIT %(looked_at)s::int
)
SELECT coalesce(array_agg(m.id ORDER BY m.placed_at DESC, m.id DESC), '{}'),
       coalesce(array_agg(m.placed_at ORDER BY m.placed_at DESC, m.id DESC), '{}'),
       (SELECT count(*) FROM near)
FROM (
    SELECT near.id, near.placed_at
    FROM near
    WHERE (%(location)s::bigint IS NULL OR EXISTS (
            SELECT FROM orders.allocation AS a
            WHERE a.location = %(location)s::bigint AND a.order_id = near.id OFFSET 0))
      AND (%(words)s::text IS NULL OR EXISTS (
            SELECT FROM orders.search_entry AS e
            WHERE e.order_id = near.id AND e.words @@ %(words)s::text::tsquery OFFSET 0))
    ORDER BY near.placed_at DESC, near.id DESC
    LIMIT %(limit)s::int
) AS m;

-- name: with_words
-- Orders with these words, as one list; no more than the limit.
SELECT coalesce(array_agg(f.order_id), '{}')
FROM (
    SELECT order_id FROM orders.search_entry WHERE words @@ %(words)s::text::tsquery LIMIT %(limit)s::int
) AS f;

-- name: at_location
-- Orders of which a location had a part, as one list; no more than the limit.
SELECT coalesce(array_agg(f.order_id), '{}')
FROM (
    SELECT DISTINCT order_id FROM orders.allocation WHERE location = %(location)s::bigint LIMIT %(limit)s::int
) AS f;

-- name: with_number
-- Orders with this number, as one list.
SELECT coalesce(array_agg(id), '{}') FROM orders.orders WHERE number = %(number)s::bigint;

-- name: with_reference
-- Orders that these channels gave this reference, as one list.
SELECT coalesce(array_agg(k.order_id), '{}')
FROM unnest(%(channels)s::bigint[]) AS c (channel)
JOIN orders.order_key AS k ON k.channel = c.channel AND k.reference = %(reference)s::text;

-- name: of_few
-- Of a few orders, each looked at by itself, the newest that match.
SELECT o.id, o.placed_at
FROM unnest(%(ids)s::uuid[]) AS f (id)
JOIN orders.orders AS o ON o.id = f.id
WHERE o.channel = ANY(%(channels)s::bigint[])
  AND o.state = ANY(%(states)s::text[])
  AND o.placed_at >= %(placed_from)s::timestamptz
  AND (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
  AND (%(number)s::bigint IS NULL OR o.number = %(number)s::bigint)
  AND (%(reference)s::text IS NULL OR o.reference = %(reference)s::text)
  AND (%(location)s::bigint IS NULL OR EXISTS (
        SELECT FROM orders.allocation AS a WHERE a.location = %(location)s::bigint AND a.order_id = o.id OFFSET 0))
  AND (%(words)s::text IS NULL OR EXISTS (
        SELECT FROM orders.search_entry AS e WHERE e.order_id = o.id AND e.words @@ %(words)s::text::tsquery OFFSET 0))
ORDER BY o.placed_at DESC, o.id DESC
LIMIT %(limit)s::int;

-- name: count_few
-- Of a few orders, each looked at by itself, how many of those that match are in each state.
SELECT o.state, count(*)
FROM unnest(%(ids)s::uuid[]) AS f (id)
JOIN orders.orders AS o ON o.id = f.id
WHERE o.channel = ANY(%(channels)s::bigint[])
  AND o.state = ANY(%(states)s::text[])
  AND o.placed_at >= %(placed_from)s::timestamptz
  AND (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
  AND (%(number)s::bigint IS NULL OR o.number = %(number)s::bigint)
  AND (%(reference)s::text IS NULL OR o.reference = %(reference)s::text)
  AND (%(location)s::bigint IS NULL OR EXISTS (
        SELECT FROM orders.allocation AS a WHERE a.location = %(location)s::bigint AND a.order_id = o.id OFFSET 0))
  AND (%(words)s::text IS NULL OR EXISTS (
        SELECT FROM orders.search_entry AS e WHERE e.order_id = o.id AND e.words @@ %(words)s::text::tsquery OFFSET 0))
GROUP BY o.state;

-- name: plan_for_these_values
-- Until this transaction ends every plan is made for its own values: how many match decides which is good.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: of_many_with_words
-- Of very many orders with these words the newest that match, sets compared with sets.
WITH found AS MATERIALIZED (
    SELECT order_id FROM orders.search_entry WHERE words @@ %(words)s::text::tsquery
)
SELECT o.id, o.placed_at
FROM found
JOIN orders.orders AS o ON o.id = found.order_id
WHERE o.channel = ANY(%(channels)s::bigint[])
  AND o.state = ANY(%(states)s::text[])
  AND o.placed_at >= %(placed_from)s::timestamptz
  AND (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
ORDER BY o.placed_at DESC, o.id DESC
LIMIT %(limit)s::int;

-- name: of_many_at_location
-- Of very many orders of a location the newest that match, sets compared with sets.
SELECT o.id, o.placed_at
FROM orders.orders AS o
WHERE o.channel = ANY(%(channels)s::bigint[])
  AND o.state = ANY(%(states)s::text[])
  AND o.placed_at >= %(placed_from)s::timestamptz
  AND (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
  AND o.id IN (SELECT a.order_id FROM orders.allocation AS a WHERE a.location = %(location)s::bigint)
ORDER BY o.placed_at DESC, o.id DESC
LIMIT %(limit)s::int;

-- name: of_many_with_both
-- Of very many orders with these words and very many of a location the newest that match.
WITH found AS MATERIALIZED (
    SELECT order_id FROM orders.search_entry WHERE words @@ %(words)s::text::tsquery
), here AS MATERIALIZED (
    SELECT DISTINCT a.order_id
    FROM orders.allocation AS a
    JOIN found ON found.order_id = a.order_id
    WHERE a.location = %(location)s::bigint
)
SELECT o.id, o.placed_at
FROM here
JOIN orders.orders AS o ON o.id = here.order_id
WHERE o.channel = ANY(%(channels)s::bigint[])
  AND o.state = ANY(%(states)s::text[])
  AND o.placed_at >= %(placed_from)s::timestamptz
  AND (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
ORDER BY o.placed_at DESC, o.id DESC
LIMIT %(limit)s::int;

-- name: count_all
-- How many orders of these channels are in each state, counted in the index.
SELECT s.state, sum(n.orders)::bigint
FROM unnest(%(channels)s::bigint[]) AS c (channel)
CROSS JOIN unnest(%(states)s::text[]) AS s (state)
CROSS JOIN LATERAL (
    SELECT count(*) AS orders
    FROM orders.orders AS o
    WHERE o.channel = c.channel AND o.state = s.state AND o.placed_at >= %(placed_from)s::timestamptz
      AND (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid)
) AS n
GROUP BY s.state;

-- name: rows
-- These orders as rows, in the order of the list.
SELECT o.id, o.number, o.version, o.channel, o.reference, o.state, o.holds, o.currency, o.delivery_option,
       coalesce(o.customer ->> 'name', '') AS customer, o.total_amount, o.placed_at, o.created_at
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS f (id, n)
JOIN orders.orders AS o ON o.id = f.id
ORDER BY f.n;
