-- name: free_of_skus
-- Free units of these SKUs wherever they have a level.
SELECT sku, location, version, on_hand - unavailable - reserved - committed
FROM inventory.stock_level
WHERE sku = ANY(%(skus)s::bigint[]);

-- name: changes
-- What these transactions made of levels.
SELECT skus, locations, versions, free FROM inventory.stock_change WHERE batch = ANY(%(batches)s::uuid[]);
