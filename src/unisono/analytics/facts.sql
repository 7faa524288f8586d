-- name: held_versions
-- In which version each of these orders was last looked at.
SELECT order_id, version FROM analytics.order_fact WHERE order_id = ANY(%(orders)s::uuid[]);

-- name: held_orders
-- Orders as they were last looked at. Nullable: location, freed_at, expected_by, shipped_at, delivered_at, kept_at, due_at.
SELECT order_id, version, channel, location, delivery_option, state, outcome, rerouted, placed_at, freed_at, expected_by,
       shipped_at, delivered_at, kept_at, due_at, carrier, parcels, locations, shipping_cost, handling_cost, short_units
FROM analytics.order_fact
WHERE order_id = ANY(%(orders)s::uuid[]);

-- name: held_works
-- The work of these orders as it was last looked at. Nullable: due_at.
SELECT order_id, n, location, state, created_at, due_at
FROM analytics.work_fact
WHERE order_id = ANY(%(orders)s::uuid[]);

-- name: held_parcels
-- The parcels of these orders as they were last looked at.
SELECT order_id, n, location, carrier, state, shipping_cost, handling_cost
FROM analytics.parcel_fact
WHERE order_id = ANY(%(orders)s::uuid[]);

-- name: orders
-- These orders as they are; OFFSET keeps the look-ups apart, each by its key. Nullable: location.
SELECT o.order_id, o.version, o.channel, o.location, o.delivery_option, o.state, o.outcome, o.rerouted, o.ready, o.placed_at
FROM unnest(%(orders)s::uuid[]) AS k (id)
CROSS JOIN LATERAL (SELECT * FROM analytics.order_outcome WHERE order_id = k.id OFFSET 0) AS o;

-- name: parcels
-- The parcels of these orders as they are. Nullable: carrier, shipping_cost, shipped_at, delivered_at.
SELECT order_id, n, location, state, carrier, shipping_cost, handling_cost, shipped_at, delivered_at
FROM analytics.packed
WHERE order_id = ANY(%(orders)s::uuid[])
ORDER BY order_id, n;

-- name: beginnings
-- What was known when these orders began. Nullable: country, parcels, freed_at.
SELECT order_id, country, units, parcels, freed_at
FROM analytics.order_beginning
WHERE order_id = ANY(%(orders)s::uuid[]);

-- name: made_ready
-- When the goods of these orders became ready for pickup.
SELECT order_id, at FROM analytics.made_ready WHERE order_id = ANY(%(orders)s::uuid[]);

-- name: put_orders
-- Orders as they are known from now on.
INSERT INTO analytics.order_fact AS held (
    order_id, version, channel, location, delivery_option, state, outcome, rerouted, placed_at, freed_at, expected_by,
    shipped_at, delivered_at, kept_at, due_at, carrier, parcels, locations, shipping_cost, handling_cost, short_units)
SELECT f.*
FROM unnest(%(order_id)s::uuid[], %(version)s::bigint[], %(channel)s::bigint[], %(location)s::bigint[],
            %(delivery_option)s::text[], %(state)s::text[], %(outcome)s::text[], %(rerouted)s::bool[],
            %(placed_at)s::timestamptz[], %(freed_at)s::timestamptz[], %(expected_by)s::timestamptz[],
            %(shipped_at)s::timestamptz[], %(delivered_at)s::timestamptz[], %(kept_at)s::timestamptz[],
            %(due_at)s::timestamptz[], %(carrier)s::text[], %(parcels)s::int[], %(locations)s::int[],
            %(shipping_cost)s::bigint[], %(handling_cost)s::bigint[], %(short_units)s::int[]) AS f
ON CONFLICT (order_id) DO UPDATE
SET version = excluded.version, state = excluded.state, outcome = excluded.outcome, rerouted = excluded.rerouted,
    freed_at = excluded.freed_at, expected_by = excluded.expected_by, shipped_at = excluded.shipped_at,
    delivered_at = excluded.delivered_at, kept_at = excluded.kept_at, due_at = excluded.due_at,
    carrier = excluded.carrier, parcels = excluded.parcels, locations = excluded.locations,
    shipping_cost = excluded.shipping_cost, handling_cost = excluded.handling_cost,
    short_units = excluded.short_units;

-- name: put_works
-- Work as it is known from now on.
INSERT INTO analytics.work_fact (order_id, n, location, state, created_at, due_at)
SELECT f.*
FROM unnest(%(order_id)s::uuid[], %(n)s::int[], %(location)s::bigint[], %(state)s::text[],
            %(created_at)s::timestamptz[], %(due_at)s::timestamptz[]) AS f
ON CONFLICT (order_id, n) DO UPDATE SET state = excluded.state;

-- name: put_parcels
-- Parcels as they are known from now on.
INSERT INTO analytics.parcel_fact (order_id, n, location, carrier, state, shipping_cost, handling_cost)
SELECT f.*
FROM unnest(%(order_id)s::uuid[], %(n)s::int[], %(location)s::bigint[], %(carrier)s::text[], %(state)s::text[],
            %(shipping_cost)s::bigint[], %(handling_cost)s::bigint[]) AS f
ON CONFLICT (order_id, n) DO UPDATE SET state = excluded.state;
