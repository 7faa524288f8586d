-- name: put
-- Makes or changes a carrier; no row when it is as it was.
INSERT INTO network.carrier AS held (code, name, services)
VALUES (%(code)s::text, %(name)s::text, %(services)s::text::jsonb)
ON CONFLICT (code) DO UPDATE
SET name = excluded.name, services = excluded.services, version = held.version + 1
WHERE (held.name, held.services) IS DISTINCT FROM (excluded.name, excluded.services)
RETURNING held.version;

-- name: drop_other_rates
-- Removes a carrier's rates but those of these zones.
DELETE FROM network.rate AS r
WHERE r.carrier = %(carrier)s::bigint
  AND NOT EXISTS (
    SELECT FROM unnest(%(services)s::text[], %(zones)s::text[]) AS kept (service, zone)
    WHERE kept.service = r.service AND kept.zone = r.zone
  );

-- name: lock
-- The version of a carrier, which nobody changes until this transaction ends.
SELECT version FROM network.carrier WHERE code = %(code)s::text FOR UPDATE;

-- name: by_code
-- A carrier.
SELECT id, code, name, services, version FROM network.carrier WHERE code = %(code)s::text;

-- name: listing
-- Carriers in the order of their codes, after one of them.
SELECT id, code, name, services, version
FROM network.carrier
WHERE %(after)s::text IS NULL OR code > %(after)s::text
ORDER BY code
LIMIT %(limit)s::int;

-- name: every
-- Every carrier.
SELECT id, code, name, services, version FROM network.carrier;
