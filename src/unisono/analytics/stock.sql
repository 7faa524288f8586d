-- name: range_of_skus
-- How many active SKUs there are, and of how many these locations have a unit that nobody claims.
SELECT count(*) AS active_skus, count(free.sku) AS sellable_skus
FROM catalog.sku AS s
LEFT JOIN (
    SELECT sku
    FROM inventory.stock_level
    WHERE on_hand - unavailable - reserved - committed > 0 AND location = ANY(%(online)s::bigint[])
    GROUP BY sku
) AS free ON free.sku = s.id
WHERE s.status = 'active';

-- name: levels_of_locations
-- What lies at each location, summed up over SKUs.
SELECT location, sum(on_hand)::bigint AS on_hand, sum(unavailable)::bigint AS unavailable,
       sum(reserved)::bigint AS reserved, sum(committed)::bigint AS committed,
       count(*) FILTER (WHERE on_hand - unavailable - reserved - committed > 0) AS free_skus,
       count(*) FILTER (WHERE on_hand < 0) AS oversold_levels
FROM inventory.stock_level
GROUP BY location;
