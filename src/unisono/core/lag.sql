-- name: batches_without_position
-- Batches that wait for the stamper.
SELECT count(*) FROM core.batch WHERE NOT stamped;

-- name: of_listeners
-- How far each listener has come and what it set aside. Nullable: dead_since, next_batch.
SELECT s.name AS listener, s.position,
       greatest(latest.position - s.position, 0) AS behind,
       dead.letters AS dead_letters, dead.since AS dead_since, next.batch AS next_batch
FROM core.subscription AS s
CROSS JOIN (
    SELECT coalesce((SELECT position + width - 1 FROM core.event_position ORDER BY position DESC LIMIT 1), 0) AS position
) AS latest
CROSS JOIN LATERAL (
    SELECT count(*) AS letters, min(d.at) AS since FROM core.dead_letter AS d WHERE d.subscription = s.name
) AS dead
LEFT JOIN LATERAL (
    SELECT p.batch
    FROM core.event_position AS p
    WHERE p.position >= coalesce(
        (SELECT b.position FROM core.event_position AS b WHERE b.position <= s.position ORDER BY b.position DESC LIMIT 1),
        0)
      AND p.position + p.width > s.position + 1
    ORDER BY p.position
    LIMIT 1
) AS next ON true
ORDER BY s.name;

-- name: oldest_batch_without_position
-- The batch that waits longest for the stamper; no row when none waits.
SELECT id FROM core.batch WHERE NOT stamped ORDER BY id LIMIT 1;
