-- name: subscribe
-- These listeners exist.
INSERT INTO core.subscription (name)
SELECT unnest(%(names)s::text[])
ON CONFLICT DO NOTHING;

-- name: claim
-- How far a listener has come; no row while another worker drains it.
SELECT position, attempts FROM core.subscription WHERE name = %(name)s::text FOR UPDATE SKIP LOCKED;

-- name: advance
-- Everything up to this position is done.
UPDATE core.subscription SET position = %(position)s::bigint, attempts = 0, failure = NULL
WHERE name = %(name)s::text;

-- name: record_failure
-- The listener failed on what comes next.
UPDATE core.subscription SET attempts = attempts + 1, failure = %(failure)s::text
WHERE name = %(name)s::text;

-- name: set_aside
-- An event that this listener cannot digest, with its last failure.
INSERT INTO core.dead_letter (subscription, aggregate, sequence, failure)
SELECT name, %(aggregate)s::uuid, %(sequence)s::bigint, coalesce(failure, 'unknown')
FROM core.subscription WHERE name = %(name)s::text;
