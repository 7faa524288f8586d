-- name: on_hand_by_movements
-- Levels whose on_hand is not the sum of their movements.
SELECT s.code AS sku, p.code AS location, l.on_hand AS figure, coalesce(r.units, 0)::int AS recomputed
FROM inventory.stock_level AS l
LEFT JOIN (SELECT sku, location, sum(on_hand_change) AS units FROM inventory.movement GROUP BY sku, location) AS r ON r.sku = l.sku AND r.location = l.location
JOIN catalog.sku AS s ON s.id = l.sku
JOIN network.location AS p ON p.id = l.location
WHERE l.on_hand <> coalesce(r.units, 0)
ORDER BY l.sku, l.location
LIMIT %(limit)s::int;

-- name: unavailable_by_movements
-- Levels whose unavailable is not the sum of their movements.
SELECT s.code AS sku, p.code AS location, l.unavailable AS figure, coalesce(r.units, 0)::int AS recomputed
FROM inventory.stock_level AS l
LEFT JOIN (SELECT sku, location, sum(unavailable_change) AS units FROM inventory.movement GROUP BY sku, location) AS r ON r.sku = l.sku AND r.location = l.location
JOIN catalog.sku AS s ON s.id = l.sku
JOIN network.location AS p ON p.id = l.location
WHERE l.unavailable <> coalesce(r.units, 0)
ORDER BY l.sku, l.location
LIMIT %(limit)s::int;

-- name: unavailable_by_reasons
-- Levels whose unavailable is not the sum of its reasons.
SELECT s.code AS sku, p.code AS location, l.unavailable AS figure, coalesce(r.units, 0)::int AS recomputed
FROM inventory.stock_level AS l
LEFT JOIN (SELECT sku, location, sum(quantity) AS units FROM inventory.unavailable GROUP BY sku, location) AS r ON r.sku = l.sku AND r.location = l.location
JOIN catalog.sku AS s ON s.id = l.sku
JOIN network.location AS p ON p.id = l.location
WHERE l.unavailable <> coalesce(r.units, 0)
ORDER BY l.sku, l.location
LIMIT %(limit)s::int;

-- name: committed_by_claims
-- Levels whose committed is not the sum of the open claims.
SELECT s.code AS sku, p.code AS location, l.committed AS figure, coalesce(r.units, 0)::int AS recomputed
FROM inventory.stock_level AS l
LEFT JOIN (SELECT sku, location, sum(quantity) AS units FROM inventory.claim WHERE kind <> 'reserved' GROUP BY sku, location) AS r ON r.sku = l.sku AND r.location = l.location
JOIN catalog.sku AS s ON s.id = l.sku
JOIN network.location AS p ON p.id = l.location
WHERE l.committed <> coalesce(r.units, 0)
ORDER BY l.sku, l.location
LIMIT %(limit)s::int;

-- name: shortfall_by_figures
-- Levels whose shortfall is not what their own figures say.
SELECT s.code AS sku, p.code AS location, l.shortfall AS figure,
       greatest(0, l.reserved + l.committed - l.backordered - (l.on_hand - l.unavailable)) AS recomputed
FROM inventory.stock_level AS l
JOIN catalog.sku AS s ON s.id = l.sku
JOIN network.location AS p ON p.id = l.location
WHERE l.shortfall <> greatest(0, l.reserved + l.committed - l.backordered - (l.on_hand - l.unavailable))
ORDER BY l.sku, l.location
LIMIT %(limit)s::int;

-- name: orphans
-- Movements and claims without a level, and rows of a SKU or location that does not exist.
SELECT coalesce(s.code, o.sku::text) AS sku, coalesce(p.code, o.location::text) AS location, 0 AS figure, o.units AS recomputed
FROM (
    SELECT sku, location, count(*)::int AS units
    FROM (
        SELECT sku, location FROM inventory.movement
        UNION ALL SELECT sku, location FROM inventory.claim
        UNION ALL SELECT sku, location FROM inventory.stock_level
    ) AS rows
    GROUP BY sku, location
) AS o
LEFT JOIN inventory.stock_level AS l ON l.sku = o.sku AND l.location = o.location
LEFT JOIN catalog.sku AS s ON s.id = o.sku
LEFT JOIN network.location AS p ON p.id = o.location
WHERE l.sku IS NULL OR s.id IS NULL OR p.id IS NULL
ORDER BY o.sku, o.location
LIMIT %(limit)s::int;
