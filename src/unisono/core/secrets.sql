-- name: make
-- Makes a key unless there is one.
INSERT INTO core.secret (name, value) VALUES (%(name)s::text, %(value)s::bytea) ON CONFLICT DO NOTHING;

-- name: read
-- A key.
SELECT value FROM core.secret WHERE name = %(name)s::text;
