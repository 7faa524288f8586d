-- name: insert_entry
-- An act.
INSERT INTO identity.audit_entry (id, actor, act, subject)
VALUES (%(id)s::uuid, %(actor)s::text, %(act)s::text, %(subject)s::text);

-- name: newest
-- Acts before a given one, newest first.
SELECT id, at, actor, act, subject
FROM identity.audit_entry
WHERE id < coalesce(%(last)s::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY id DESC
LIMIT %(limit)s::int;
