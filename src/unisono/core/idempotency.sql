-- name: take_key
-- Takes a key, waiting for a transaction that is about to; no row when somebody has it.
INSERT INTO core.idempotency (principal, route, key, request_hash)
VALUES (%(principal)s::uuid, %(route)s::text, %(key)s::text, %(request_hash)s::bytea)
ON CONFLICT DO NOTHING
RETURNING key;

-- name: remembered
-- The answer that a key has.
SELECT request_hash, status, headers, response
FROM core.idempotency
WHERE principal = %(principal)s::uuid AND route = %(route)s::text AND key = %(key)s::text;

-- name: remember
-- Keeps the answer of a key.
UPDATE core.idempotency
SET status = %(status)s::int, headers = %(headers)s::jsonb, response = %(response)s::bytea
WHERE principal = %(principal)s::uuid AND route = %(route)s::text AND key = %(key)s::text;

-- name: forget_older
-- Answers that nobody will ask for any more.
DELETE FROM core.idempotency WHERE at < now() - make_interval(hours => %(hours)s::int);
