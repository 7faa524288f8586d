-- name: insert_person
-- A new person; no row when the address is taken.
INSERT INTO identity.person (id, email, name, password_hash, role, locations)
VALUES (%(id)s::uuid, %(email)s::text, %(name)s::text, %(password_hash)s::text, %(role)s::text, %(locations)s::text[])
ON CONFLICT (email) DO NOTHING
RETURNING id;
