-- name: lock_name
-- Whoever makes, rotates or ends keys of a name waits for who is at it.
SELECT pg_advisory_xact_lock(hashtext('unisono.api_key'), hashtext(%(name)s::text));

-- name: insert_key
-- A new key with its rights.
INSERT INTO identity.api_key (id, name, hash, scopes, locations)
VALUES (%(id)s::uuid, %(name)s::text, %(hash)s::bytea, %(scopes)s::text[], %(locations)s::text[]);

-- name: rights_of_name
-- What the newest live key of a name may do.
SELECT scopes, locations
FROM identity.api_key
WHERE name = %(name)s::text AND (expires_at IS NULL OR expires_at > now())
ORDER BY id DESC
LIMIT 1;

-- name: expire
-- Keys of a name that live longer than this end then; which they are.
UPDATE identity.api_key
SET expires_at = now() + make_interval(hours => %(hours)s::int)
WHERE name = %(name)s::text
  AND (expires_at IS NULL OR expires_at > now() + make_interval(hours => %(hours)s::int))
RETURNING id;

-- name: end_one
-- One living key ends now.
UPDATE identity.api_key
SET expires_at = now()
WHERE id = %(id)s::uuid AND (expires_at IS NULL OR expires_at > now())
RETURNING id, name;

-- name: by_hash
-- Whose live key has this hash (nullable: lives_seconds).
SELECT id, name, scopes, locations,
       extract(epoch FROM expires_at - now())::float8 AS lives_seconds
FROM identity.api_key
WHERE hash = %(hash)s::bytea AND (expires_at IS NULL OR expires_at > now());

-- name: living
-- Keys that have not ended, newest first (nullable: expires_at).
SELECT id, name, scopes, locations, created_at, expires_at
FROM identity.api_key
WHERE expires_at IS NULL OR expires_at > now()
ORDER BY id DESC
LIMIT %(limit)s::int;

-- name: living_by_id
-- A key that has not ended (nullable: expires_at).
SELECT id, name, scopes, locations, created_at, expires_at
FROM identity.api_key
WHERE id = %(id)s::uuid AND (expires_at IS NULL OR expires_at > now());
