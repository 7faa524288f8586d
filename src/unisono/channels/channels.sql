-- name: put
-- Makes or changes a channel; no row when it is as it was.
INSERT INTO channels.channel AS held (
    code, name, kind, status, currency, when_short, safety_stock, locations, brand, legal_entity
)
VALUES (
    %(code)s::text, %(name)s::text, %(kind)s::text, %(status)s::text, %(currency)s::text, %(when_short)s::text,
    %(safety_stock)s::int, %(locations)s::text[], %(brand)s::text, %(legal_entity)s::text
)
ON CONFLICT (code) DO UPDATE
SET name = excluded.name, kind = excluded.kind, status = excluded.status, currency = excluded.currency,
    when_short = excluded.when_short, safety_stock = excluded.safety_stock, locations = excluded.locations,
    brand = excluded.brand, legal_entity = excluded.legal_entity, version = held.version + 1
WHERE (held.name, held.kind, held.status, held.currency, held.when_short, held.safety_stock, held.locations,
       held.brand, held.legal_entity)
    IS DISTINCT FROM
      (excluded.name, excluded.kind, excluded.status, excluded.currency, excluded.when_short, excluded.safety_stock,
       excluded.locations, excluded.brand, excluded.legal_entity)
RETURNING held.version;

-- name: lock
-- The version of a channel, which nobody changes until this transaction ends.
SELECT version FROM channels.channel WHERE code = %(code)s::text FOR UPDATE;

-- name: by_code
-- A channel. Nullable: brand, legal_entity.
SELECT id, code, name, kind, status, currency, when_short, safety_stock, locations, brand, legal_entity, version
FROM channels.channel
WHERE code = %(code)s::text;

-- name: listing
-- Channels in the order of their codes, after one of them. Nullable: brand, legal_entity.
SELECT id, code, name, kind, status, currency, when_short, safety_stock, locations, brand, legal_entity, version
FROM channels.channel
WHERE (%(after)s::text IS NULL OR code > %(after)s::text)
  AND (%(status)s::text IS NULL OR status = %(status)s::text)
ORDER BY code
LIMIT %(limit)s::int;

-- name: every
-- Every channel. Nullable: brand, legal_entity.
SELECT id, code, name, kind, status, currency, when_short, safety_stock, locations, brand, legal_entity, version
FROM channels.channel;
