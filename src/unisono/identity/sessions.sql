-- name: person_of_address
-- Whose address this is, with what the password is compared with.
SELECT id, email, name, role, locations, active, password_hash
FROM identity.person
WHERE email = %(email)s::text;

-- name: renew_hash
-- The verified password, stored at today's costs, unless it was changed meanwhile.
UPDATE identity.person
SET password_hash = %(renewed)s::text
WHERE id = %(id)s::uuid AND password_hash = %(verified)s::text;

-- name: insert_session
-- A session of a person who is still active and still has the verified password; waits for who changes that.
INSERT INTO identity.session (hash, person, expires_at)
SELECT %(hash)s::bytea, id,
       now() + least(make_interval(hours => %(hours)s::int), make_interval(days => %(days_max)s::int))
FROM identity.person
WHERE id = %(person)s::uuid AND active AND password_hash = %(verified)s::text
FOR SHARE
RETURNING person;

-- name: by_hash
-- Whose living session has this hash.
SELECT p.id, p.email, p.name, p.role, p.locations,
       extract(epoch FROM s.expires_at - now())::float8 AS lives_seconds,
       extract(epoch FROM now() - s.last_seen_at)::float8 AS unseen_seconds
FROM identity.session AS s
JOIN identity.person AS p ON p.id = s.person
WHERE s.hash = %(hash)s::bytea AND s.expires_at > now() AND p.active;

-- name: see
-- A session was used, so it lives on; once for all who saw it within the same while.
UPDATE identity.session
SET last_seen_at = now(),
    expires_at = least(
        now() + make_interval(hours => %(hours)s::int), created_at + make_interval(days => %(days_max)s::int)
    )
WHERE hash = %(hash)s::bytea AND expires_at > now()
  AND last_seen_at <= now() - make_interval(secs => %(seen_seconds)s::int);

-- name: end_session
-- One session ends now; whose it was.
DELETE FROM identity.session AS s
USING identity.person AS p
WHERE s.hash = %(hash)s::bytea AND p.id = s.person
RETURNING p.id, p.name, p.email;

-- name: end_sessions
-- All sessions of a person end now; whose they were, once for each.
DELETE FROM identity.session AS s
USING identity.person AS p
WHERE s.person = %(person)s::uuid AND p.id = s.person
RETURNING p.id, p.name, p.email;

-- name: end_other_sessions
-- All sessions of a person but one end now; whose they were, once for each.
DELETE FROM identity.session AS s
USING identity.person AS p
WHERE s.person = %(person)s::uuid AND s.hash <> %(hash)s::bytea AND p.id = s.person
RETURNING p.id, p.name, p.email;

-- name: forget_ended
-- Sessions that nobody can use any more.
DELETE FROM identity.session WHERE expires_at <= now();
