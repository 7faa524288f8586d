-- name: count_try
-- One more try of an address that has waited long enough after the one before; else no row.
INSERT INTO identity.sign_in_try AS t (address_hash, wrong, tried_at)
VALUES (%(address_hash)s::bytea, 1, clock_timestamp())
ON CONFLICT (address_hash) DO UPDATE
SET wrong = CASE
        WHEN t.tried_at < clock_timestamp() - make_interval(mins => %(forgotten_minutes)s::int) THEN 1
        ELSE t.wrong + 1
    END,
    tried_at = clock_timestamp()
WHERE t.tried_at + make_interval(
          secs => (%(waits)s::int[])[least(t.wrong, cardinality(%(waits)s::int[]))]
      ) <= clock_timestamp()
RETURNING wrong;

-- name: seconds_left
-- How long an address has to wait for its next try.
SELECT ceil(extract(epoch FROM tried_at + make_interval(
           secs => (%(waits)s::int[])[least(wrong, cardinality(%(waits)s::int[]))]
       ) - clock_timestamp()))::int
FROM identity.sign_in_try
WHERE address_hash = %(address_hash)s::bytea;

-- name: forget
-- The password was right: what was wrong before does not count any more.
DELETE FROM identity.sign_in_try WHERE address_hash = %(address_hash)s::bytea;

-- name: forget_old
-- Addresses that nobody has tried for a while.
DELETE FROM identity.sign_in_try
WHERE tried_at < clock_timestamp() - make_interval(mins => %(forgotten_minutes)s::int);
