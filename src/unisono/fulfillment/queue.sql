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
