-- name: password_of
-- What the password of a person who may sign in is compared with.
SELECT password_hash FROM identity.person WHERE id = %(id)s::uuid AND active;

-- name: replace_password
-- A new password in place of the verified one, unless that was changed meanwhile.
UPDATE identity.person
SET password_hash = %(password_hash)s::text
WHERE id = %(id)s::uuid AND active AND password_hash = %(verified)s::text
RETURNING id;
