-- name: batches_without_position
-- Batches that wait for the stamper.
SELECT count(*) FROM core.batch WHERE NOT stamped;

-- name: of_listeners
-- How far each listener is behind the last position, and what it set aside.
SELECT s.name AS listener,
       greatest(latest.position - s.position, 0) AS behind,
       (SELECT count(*) FROM core.dead_letter AS d WHERE d.subscription = s.name) AS dead_letters
FROM core.subscription AS s,
     (SELECT coalesce(max(position + width) - 1, 0) AS position FROM core.event_position) AS latest
ORDER BY s.name;
