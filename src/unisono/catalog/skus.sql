-- name: put
-- Makes or changes SKUs, and returns those that are not as they were.
INSERT INTO catalog.sku AS held (code, name, name_folded, gtin, category, weight_g, status)
SELECT given.code, given.name, given.name_folded, given.gtin, given.category, given.weight_g, given.status
FROM unnest(
    %(codes)s::text[], %(names)s::text[], %(names_folded)s::text[], %(gtins)s::text[], %(categories)s::text[],
    %(weights_g)s::int[], %(statuses)s::text[]
) AS given (code, name, name_folded, gtin, category, weight_g, status)
ON CONFLICT (code) DO UPDATE
SET name = excluded.name, name_folded = excluded.name_folded, gtin = excluded.gtin, category = excluded.category,
    weight_g = excluded.weight_g, status = excluded.status, version = held.version + 1, updated_at = now()
WHERE (held.name, held.gtin, held.category, held.weight_g, held.status)
    IS DISTINCT FROM (excluded.name, excluded.gtin, excluded.category, excluded.weight_g, excluded.status)
RETURNING held.code, held.version;

-- name: lock
-- The version of a SKU, which nobody changes until this transaction ends.
SELECT version FROM catalog.sku WHERE code = %(code)s::text FOR UPDATE;

-- name: by_codes
-- SKUs by code. Nullable: gtin, category.
SELECT id, code, name, gtin, category, weight_g, status, version, updated_at
FROM catalog.sku
WHERE code = ANY(%(codes)s::text[]);

-- name: by_gtin
-- SKUs of one GTIN. Nullable: gtin, category.
SELECT id, code, name, gtin, category, weight_g, status, version, updated_at
FROM catalog.sku
WHERE gtin = %(gtin)s::text
ORDER BY code;

-- name: listing
-- SKUs in the order of their codes, after one of them. Nullable: gtin, category.
SELECT id, code, name, gtin, category, weight_g, status, version, updated_at
FROM catalog.sku
WHERE (%(after)s::text IS NULL OR code > %(after)s::text)
  AND (%(status)s::text IS NULL OR status = %(status)s::text)
  AND (%(category)s::text IS NULL OR category = %(category)s::text)
  AND (%(search)s::text IS NULL
       OR position(%(search)s::text IN name_folded) > 0
       OR position(%(search)s::text IN lower(code)) > 0)
ORDER BY code
LIMIT %(limit)s::int;

-- name: facts_by_codes
-- What deciding about an order needs to know of SKUs, by code.
SELECT id, code, weight_g, status = 'active' AS active
FROM catalog.sku
WHERE code = ANY(%(codes)s::text[]);

-- name: facts_by_ids
-- What deciding about an order needs to know of SKUs, by id.
SELECT id, code, weight_g, status = 'active' AS active
FROM catalog.sku
WHERE id = ANY(%(ids)s::bigint[]);

-- name: names
-- The names of SKUs.
SELECT id, name FROM catalog.sku WHERE id = ANY(%(ids)s::bigint[]);
