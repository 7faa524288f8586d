-- name: listing
-- Fulfillment orders of these locations in these states, those of the oldest orders first. Nullable: carrier, service, reason.
SELECT f.order_id, f.n, f.location, f.state, f.version, f.delivery_option, f.carrier, f.service, f.reason, f.created_at,
       f.changed_at
FROM unnest(%(locations)s::bigint[]) AS l (location)
CROSS JOIN unnest(%(states)s::text[]) AS s (state)
CROSS JOIN LATERAL (
    SELECT *
    FROM fulfillment.fulfillment_order AS each
    WHERE each.location = l.location AND each.state = s.state
      AND (each.order_id, each.n) > (coalesce(%(order)s::uuid, '00000000-0000-0000-0000-000000000000'::uuid),
                                     coalesce(%(n)s::int, 0))
    ORDER BY each.order_id, each.n
    LIMIT %(limit)s::int
) AS f
ORDER BY f.order_id, f.n
LIMIT %(limit)s::int;

-- name: oldest_by_service
-- Work of these locations in these states, by location and service the oldest. Nullable: carrier, service, reason.
SELECT f.order_id, f.n, f.location, f.state, f.version, f.delivery_option, f.carrier, f.service, f.reason, f.created_at,
       f.changed_at
FROM (
    SELECT *, row_number() OVER (PARTITION BY location, delivery_option, carrier, service
                                 ORDER BY created_at, order_id, n) AS place
    FROM fulfillment.fulfillment_order
    WHERE location = ANY(%(locations)s::bigint[]) AND state = ANY(%(states)s::text[])
) AS f
WHERE f.place <= %(limit)s::bigint
ORDER BY f.location, f.delivery_option, f.carrier, f.service, f.place;

-- name: counts
-- How much work locations have in these states.
SELECT location, state, count(*)::int
FROM fulfillment.fulfillment_order
WHERE location = ANY(%(locations)s::bigint[]) AND state = ANY(%(states)s::text[])
GROUP BY location, state;

-- name: left_since
-- Work of which packages left a location since a moment, the latest first, and how much there is of it.
SELECT p.order_id, p.fulfillment_order, (count(*) OVER ())::int
FROM (
    SELECT order_id, fulfillment_order, max(coalesce(shipped_at, delivered_at)) AS left_at
    FROM fulfillment.package
    WHERE location = %(location)s::bigint AND coalesce(shipped_at, delivered_at) >= %(since)s::timestamptz
    GROUP BY order_id, fulfillment_order
) AS p
ORDER BY p.left_at DESC, p.order_id DESC, p.fulfillment_order DESC
LIMIT %(limit)s::int;

-- name: tracked
-- Whose packages a number of any of these carriers is on.
SELECT order_id, package
FROM fulfillment.tracking_number
WHERE carrier = ANY(%(carriers)s::text[]) AND tracking_number = %(tracking_number)s::text;
