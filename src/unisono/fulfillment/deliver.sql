-- name: owners
-- Whose packages these carriers' numbers are on, row by row. Nullable: order_id, package.
SELECT held.order_id, held.package
FROM unnest(%(carriers)s::text[], %(tracking_numbers)s::text[])
    WITH ORDINALITY AS k (carrier, tracking_number, n)
LEFT JOIN fulfillment.tracking_number AS held USING (carrier, tracking_number)
ORDER BY k.n;

-- name: note
-- What carriers told of packages; only what was not known comes back.
INSERT INTO fulfillment.carrier_fact (order_id, package, milestone, at)
SELECT f.order_id, f.package, f.milestone, f.at
FROM unnest(%(orders)s::uuid[], %(packages)s::int[], %(milestones)s::text[], %(at)s::timestamptz[])
    AS f (order_id, package, milestone, at)
ON CONFLICT DO NOTHING
RETURNING order_id, package, milestone, at;
