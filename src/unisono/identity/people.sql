-- name: insert_person
-- A new person; no row when the address is taken.
INSERT INTO identity.person (id, email, name, password_hash, role, locations)
VALUES (%(id)s::uuid, %(email)s::text, %(name)s::text, %(password_hash)s::text, %(role)s::text, %(locations)s::text[])
ON CONFLICT (email) DO NOTHING
RETURNING id, email, name, role, locations, active, version;

-- name: listing
-- All people by their address.
SELECT id, email, name, role, locations, active, version
FROM identity.person
ORDER BY email
LIMIT %(limit)s::int;

-- name: by_id
-- A person.
SELECT id, email, name, role, locations, active, version FROM identity.person WHERE id = %(id)s::uuid;

-- name: by_email
-- The person with an address.
SELECT id, email, name, role, locations, active, version FROM identity.person WHERE email = %(email)s::text;

-- name: lock_people
-- Whoever changes the rights of people waits for who is at it.
SELECT pg_advisory_xact_lock(hashtext('unisono.people'));

-- name: other_administrators
-- How many others could go on changing people and keys.
SELECT count(*) FROM identity.person WHERE role = %(role)s::text AND active AND id <> %(id)s::uuid;

-- name: change
-- A person gets other rights, as seen in a version.
UPDATE identity.person
SET name = %(name)s::text, role = %(role)s::text, locations = %(locations)s::text[], active = %(active)s::boolean,
    version = version + 1
WHERE id = %(id)s::uuid AND version = %(version)s::bigint
RETURNING id, email, name, role, locations, active, version;

-- name: set_password
-- A person gets another password, which is none of the rights that a version counts; whose address that is.
UPDATE identity.person
SET password_hash = %(password_hash)s::text
WHERE id = %(id)s::uuid
RETURNING email;
