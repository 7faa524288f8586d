-- name: orders
-- Orders by channel, delivery option, state and outcome.
SELECT channel, delivery_option, state, outcome, sum(orders)::bigint AS orders,
       coalesce(sum(orders) FILTER (WHERE due_at <= now()), 0)::bigint AS late, sum(rerouted)::bigint AS rerouted,
       sum(packed)::bigint AS packed, sum(split)::bigint AS split,
       sum(of_several_locations)::bigint AS of_several_locations, sum(short)::bigint AS short,
       sum(short_units)::bigint AS short_units, sum(shipping_cost)::bigint AS shipping_cost,
       sum(handling_cost)::bigint AS handling_cost
FROM analytics.order_tally
GROUP BY channel, delivery_option, state, outcome
HAVING sum(orders) > 0
ORDER BY channel, delivery_option, state, outcome;

-- name: collected
-- Orders that customers collect at a location or carried out of it, by outcome.
SELECT location, outcome, sum(orders)::bigint AS orders,
       coalesce(sum(orders) FILTER (WHERE due_at <= now()), 0)::bigint AS late
FROM analytics.order_tally
WHERE location <> 0
GROUP BY location, outcome
HAVING sum(orders) > 0
ORDER BY location, outcome;

-- name: works
-- Work by location and state.
SELECT location, state, sum(works)::bigint AS works,
       coalesce(sum(works) FILTER (WHERE due_at <= now()), 0)::bigint AS late
FROM analytics.work_tally
GROUP BY location, state
HAVING sum(works) > 0
ORDER BY location, state;

-- name: oldest_works
-- Since when the oldest work of each of these locations waits that is not packed yet.
SELECT l.location, oldest.created_at
FROM unnest(%(locations)s::bigint[]) WITH ORDINALITY AS l (location, n)
CROSS JOIN LATERAL (
    SELECT created_at
    FROM analytics.work_fact
    WHERE location = l.location AND state IN ('open', 'accepted', 'picking')
    ORDER BY created_at
    LIMIT 1
) AS oldest
ORDER BY l.n;

-- name: parcels
-- Parcels and their costs by location, carrier and state.
SELECT location, carrier, state, parcels, shipping_cost, handling_cost
FROM analytics.parcel_tally
WHERE parcels > 0
ORDER BY location, carrier, state;

-- name: flows
-- Orders by hour or day (the unit) of a time zone, since a moment.
SELECT date_trunc(%(unit)s::text, quarter, %(time_zone)s::text) AS start, sum(placed)::bigint AS placed,
       sum(sold_in_store)::bigint AS sold_in_store, sum(shipped)::bigint AS shipped, sum(delivered)::bigint AS delivered
FROM analytics.flow_tally
WHERE quarter >= %(since)s::timestamptz
GROUP BY 1
ORDER BY 1;

-- name: lead_times
-- Expected and actual lead times of what came true since a moment.
SELECT delivery_option, carrier, sum(orders)::bigint AS orders,
       coalesce(sum(orders) FILTER (WHERE days_late > 0), 0)::bigint AS late,
       sum(expected_seconds)::bigint AS expected_seconds, sum(actual_seconds)::bigint AS actual_seconds
FROM analytics.lead_tally
WHERE day >= %(since)s::timestamptz
GROUP BY delivery_option, carrier
HAVING sum(orders) > 0
ORDER BY delivery_option, carrier;
