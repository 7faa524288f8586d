-- name: take_numbers
-- Takes carriers' numbers for packages; a number that does not come back is taken already.
INSERT INTO fulfillment.tracking_number (carrier, tracking_number, order_id, package)
SELECT k.carrier, k.tracking_number, %(order)s::uuid, k.package
FROM unnest(%(carriers)s::text[], %(tracking_numbers)s::text[], %(packages)s::int[])
    AS k (carrier, tracking_number, package)
ON CONFLICT DO NOTHING;

-- name: owners
-- Whose packages these carriers' numbers belong to.
SELECT held.carrier, held.tracking_number, held.order_id, held.package
FROM unnest(%(carriers)s::text[], %(tracking_numbers)s::text[]) AS k (carrier, tracking_number)
JOIN fulfillment.tracking_number AS held USING (carrier, tracking_number);
