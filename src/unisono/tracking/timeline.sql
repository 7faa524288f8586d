-- name: record
-- What is told of orders; what was drawn before stays as it is.
INSERT INTO tracking.tracking_event (order_id, sequence, milestone, package, location, at)
SELECT e.order_id, e.sequence, e.milestone, e.package, e.location, e.at
FROM unnest(%(orders)s::uuid[], %(sequences)s::bigint[], %(milestones)s::text[], %(packages)s::int[],
            %(locations)s::bigint[], %(at)s::timestamptz[])
    AS e (order_id, sequence, milestone, package, location, at)
ON CONFLICT DO NOTHING;

-- name: of_order
-- What is told of an order, the oldest first. Nullable: package, location.
SELECT milestone, package, location, at
FROM tracking.tracking_event
WHERE order_id = %(order)s::uuid
ORDER BY at, sequence;
