-- name: take_stamper
-- Whether this transaction is the one that stamps: the lock ends with it.
SELECT pg_try_advisory_xact_lock(hashtext('unisono.stamper'));

-- name: waiting_batches
-- Batches without a position, with the number of their events that can be seen.
SELECT b.id, b.events, count(e.aggregate)::int AS seen
FROM (SELECT id, events FROM core.batch WHERE NOT stamped ORDER BY id LIMIT %(limit)s::int) AS b
LEFT JOIN core.event AS e ON e.batch = b.id
GROUP BY b.id, b.events
ORDER BY b.id;

-- name: batches
-- These batches, with the number of their events that can be seen.
SELECT b.id, b.events, count(e.aggregate)::int AS seen
FROM core.batch AS b
LEFT JOIN core.event AS e ON e.batch = b.id
WHERE b.id = ANY(%(batches)s::uuid[])
GROUP BY b.id, b.events
ORDER BY b.id;

-- name: batches_before
-- These batches, each with those without a position that hold the event just before one of theirs.
SELECT DISTINCT later.batch, earlier.batch
FROM core.event AS later
JOIN core.event AS earlier ON earlier.aggregate = later.aggregate AND earlier.sequence = later.sequence - 1
JOIN core.batch AS b ON b.id = earlier.batch
WHERE later.batch = ANY(%(batches)s::uuid[]) AND earlier.batch <> later.batch AND NOT b.stamped;

-- name: place
-- Gives the batches the next positions, in the order of the list.
INSERT INTO core.event_position (position, batch, width)
SELECT start.position + coalesce(sum(b.width) OVER (ORDER BY b.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0),
       b.batch, b.width
FROM unnest(%(batches)s::uuid[], %(widths)s::int[]) WITH ORDINALITY AS b (batch, width, n),
     (SELECT coalesce((SELECT p.position + p.width FROM core.event_position AS p ORDER BY p.position DESC LIMIT 1), 1)
          AS position) AS start;

-- name: mark_stamped
-- These batches have their position.
UPDATE core.batch SET stamped = true WHERE id = ANY(%(batches)s::uuid[]);

-- name: latest_position
-- The last position that was given.
SELECT coalesce((SELECT position + width - 1 FROM core.event_position ORDER BY position DESC LIMIT 1), 0);

-- name: batches_after
-- Batches that hold a position after this one, in order.
SELECT position, batch, width
FROM core.event_position
WHERE position > %(after)s::bigint - coalesce(
    (SELECT p.width FROM core.event_position AS p WHERE p.position <= %(after)s::bigint
     ORDER BY p.position DESC LIMIT 1), 0)
  AND position + width > %(after)s::bigint + 1
ORDER BY position
LIMIT %(limit)s::int;

-- name: events_of
-- The events of these batches after a position, in order.
SELECT b.position + e.ordinal AS position, e.aggregate, e.sequence, e.type, e.at, e.data
FROM unnest(%(batches)s::uuid[], %(positions)s::bigint[]) AS b (batch, position)
JOIN core.event AS e ON e.batch = b.batch
WHERE b.position + e.ordinal > %(after)s::bigint
ORDER BY b.position + e.ordinal
LIMIT %(limit)s::int;
