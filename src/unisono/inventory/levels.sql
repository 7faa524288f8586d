-- name: of_skus
-- The levels of these SKUs everywhere.
SELECT sku, location, on_hand, unavailable, reserved, committed, backordered, shortfall, counted_as_of, version
FROM inventory.stock_level
WHERE sku = ANY(%(skus)s::bigint[])
ORDER BY sku, location;

-- name: at
-- One level.
SELECT sku, location, on_hand, unavailable, reserved, committed, backordered, shortfall, counted_as_of, version
FROM inventory.stock_level
WHERE sku = %(sku)s::bigint AND location = %(location)s::bigint;

-- name: totals
-- What there is of these SKUs over all locations.
SELECT sku, count(*)::int AS locations, (count(*) FILTER (WHERE on_hand < 0))::int AS negative,
       sum(on_hand)::bigint AS on_hand, sum(unavailable)::bigint AS unavailable, sum(reserved)::bigint AS reserved,
       sum(committed)::bigint AS committed,
       sum(greatest(0, on_hand - unavailable - reserved - committed))::bigint AS available,
       sum(shortfall)::bigint AS shortfall
FROM inventory.stock_level
WHERE sku = ANY(%(skus)s::bigint[])
GROUP BY sku;

-- name: totals_at
-- What there is of these SKUs at one location.
SELECT sku, 1 AS locations, (on_hand < 0)::int AS negative, on_hand, unavailable, reserved, committed,
       greatest(0, on_hand - unavailable - reserved - committed) AS available, shortfall
FROM inventory.stock_level
WHERE sku = ANY(%(skus)s::bigint[]) AND location = %(location)s::bigint;

-- name: create
-- Empty levels where there are none.
INSERT INTO inventory.stock_level (sku, location)
SELECT k.sku, k.location
FROM unnest(%(skus)s::bigint[], %(locations)s::bigint[]) AS k (sku, location)
ON CONFLICT DO NOTHING;

-- name: touch
-- Locks these levels in the order of the list and returns their truth.
UPDATE inventory.stock_level AS l
SET version = l.version
FROM unnest(%(skus)s::bigint[], %(locations)s::bigint[]) AS k (sku, location)
WHERE l.sku = k.sku AND l.location = k.location
RETURNING l.sku, l.location, l.on_hand, l.unavailable, l.reserved, l.committed, l.backordered, l.shortfall, l.counted_as_of, l.version;

-- name: apply
-- Facts and releases: never refused; what is firmly claimed beyond what is there becomes the shortfall.
UPDATE inventory.stock_level AS l
SET on_hand = l.on_hand + c.on_hand,
    unavailable = l.unavailable + c.unavailable,
    committed = l.committed + c.committed,
    shortfall = greatest(0, l.reserved + l.committed + c.committed - l.backordered
                            - (l.on_hand + c.on_hand - l.unavailable - c.unavailable)),
    counted_as_of = coalesce(c.counted_as_of, l.counted_as_of),
    version = l.version + 1
FROM unnest(%(skus)s::bigint[], %(locations)s::bigint[], %(on_hand)s::int[], %(unavailable)s::int[],
            %(committed)s::int[], %(counted_as_of)s::timestamptz[])
    AS c (sku, location, on_hand, unavailable, committed, counted_as_of)
WHERE l.sku = c.sku AND l.location = c.location
RETURNING l.sku, l.location, l.version, l.on_hand - l.unavailable - l.reserved - l.committed AS free;

-- name: take
-- Commits units where enough are free: a row that does not come back was not taken.
UPDATE inventory.stock_level AS l
SET committed = l.committed + c.quantity, version = l.version + 1
FROM unnest(%(skus)s::bigint[], %(locations)s::bigint[], %(quantities)s::int[], %(needs)s::int[])
    AS c (sku, location, quantity, need)
WHERE l.sku = c.sku AND l.location = c.location
  AND l.on_hand - l.unavailable - l.reserved - l.committed >= c.need
RETURNING l.sku, l.location, l.version, l.on_hand - l.unavailable - l.reserved - l.committed AS free;

-- name: tell
-- What this transaction made of these levels.
INSERT INTO inventory.stock_change (batch, n, skus, locations, versions, free)
VALUES (%(batch)s::uuid, %(n)s::int, %(skus)s::bigint[], %(locations)s::bigint[], %(versions)s::bigint[], %(free)s::int[]);
