-- name: holders
-- Who has taken units of SKUs at a location, those with the first ids.
SELECT DISTINCT holder
FROM inventory.claim
WHERE sku = ANY(%(skus)s::bigint[]) AND location = %(location)s::bigint
ORDER BY holder
LIMIT %(limit)s::int;

-- name: insert
-- Claims that were taken.
INSERT INTO inventory.claim (sku, holder, n, location, kind, quantity)
SELECT c.sku, c.holder, c.n, c.location, 'committed', c.quantity
FROM unnest(%(skus)s::bigint[], %(holders)s::uuid[], %(ns)s::int[], %(locations)s::bigint[], %(quantities)s::int[])
    AS c (sku, holder, n, location, quantity);

-- name: delete_whole
-- Claims of which nothing is left.
DELETE FROM inventory.claim AS k
USING unnest(%(skus)s::bigint[], %(holders)s::uuid[], %(ns)s::int[], %(quantities)s::int[]) AS c (sku, holder, n, quantity)
WHERE k.sku = c.sku AND k.holder = c.holder AND k.n = c.n AND k.quantity = c.quantity;

-- name: shrink
-- Claims of which a part is left.
UPDATE inventory.claim AS k
SET quantity = k.quantity - c.quantity
FROM unnest(%(skus)s::bigint[], %(holders)s::uuid[], %(ns)s::int[], %(quantities)s::int[]) AS c (sku, holder, n, quantity)
WHERE k.sku = c.sku AND k.holder = c.holder AND k.n = c.n;
