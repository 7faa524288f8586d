-- name: add_orders
-- Orders by what became of them; tells of each row whether it counts nothing now.
INSERT INTO analytics.order_tally AS held (channel, location, delivery_option, state, outcome, due_at, orders,
    rerouted, packed, split, of_several_locations, short, short_units, shipping_cost, handling_cost)
SELECT f.*
FROM unnest(%(channel)s::bigint[], %(location)s::bigint[], %(delivery_option)s::text[], %(state)s::text[],
            %(outcome)s::text[], %(due_at)s::timestamptz[], %(orders)s::bigint[], %(rerouted)s::bigint[],
            %(packed)s::bigint[], %(split)s::bigint[], %(of_several_locations)s::bigint[], %(short)s::bigint[],
            %(short_units)s::bigint[], %(shipping_cost)s::bigint[], %(handling_cost)s::bigint[]) AS f
ON CONFLICT (channel, location, delivery_option, state, outcome, due_at) DO UPDATE
SET orders = held.orders + excluded.orders, rerouted = held.rerouted + excluded.rerouted,
    packed = held.packed + excluded.packed, split = held.split + excluded.split,
    of_several_locations = held.of_several_locations + excluded.of_several_locations,
    short = held.short + excluded.short, short_units = held.short_units + excluded.short_units,
    shipping_cost = held.shipping_cost + excluded.shipping_cost,
    handling_cost = held.handling_cost + excluded.handling_cost
RETURNING held.orders = 0 AS counts_nothing;

-- name: forget_orders
-- Rows that count nothing any more.
DELETE FROM analytics.order_tally WHERE orders = 0;

-- name: add_works
-- Work by location, state and when it is due; tells of each row whether it counts nothing now.
INSERT INTO analytics.work_tally AS held (location, state, due_at, works)
SELECT f.*
FROM unnest(%(location)s::bigint[], %(state)s::text[], %(due_at)s::timestamptz[], %(works)s::bigint[]) AS f
ON CONFLICT (location, state, due_at) DO UPDATE
SET works = held.works + excluded.works
RETURNING held.works = 0 AS counts_nothing;

-- name: forget_works
-- Rows that count nothing any more.
DELETE FROM analytics.work_tally WHERE works = 0;

-- name: add_parcels
-- Parcels and their costs by location, carrier and state.
INSERT INTO analytics.parcel_tally AS held (location, carrier, state, parcels, shipping_cost, handling_cost)
SELECT f.*
FROM unnest(%(location)s::bigint[], %(carrier)s::text[], %(state)s::text[], %(parcels)s::bigint[],
            %(shipping_cost)s::bigint[], %(handling_cost)s::bigint[]) AS f
ON CONFLICT (location, carrier, state) DO UPDATE
SET parcels = held.parcels + excluded.parcels, shipping_cost = held.shipping_cost + excluded.shipping_cost,
    handling_cost = held.handling_cost + excluded.handling_cost;

-- name: add_flows
-- Orders by the quarter of an hour in which something became of them.
INSERT INTO analytics.flow_tally AS held (quarter, placed, sold_in_store, shipped, delivered)
SELECT f.*
FROM unnest(%(quarter)s::timestamptz[], %(placed)s::bigint[], %(sold_in_store)s::bigint[], %(shipped)s::bigint[],
            %(delivered)s::bigint[]) AS f
ON CONFLICT (quarter) DO UPDATE
SET placed = held.placed + excluded.placed, sold_in_store = held.sold_in_store + excluded.sold_in_store,
    shipped = held.shipped + excluded.shipped, delivered = held.delivered + excluded.delivered;

-- name: add_leads
-- Orders by how late what was expected came true.
INSERT INTO analytics.lead_tally AS held (day, delivery_option, carrier, days_late, orders, expected_seconds,
    actual_seconds)
SELECT f.*
FROM unnest(%(day)s::timestamptz[], %(delivery_option)s::text[], %(carrier)s::text[], %(days_late)s::int[],
            %(orders)s::bigint[], %(expected_seconds)s::bigint[], %(actual_seconds)s::bigint[]) AS f
ON CONFLICT (day, delivery_option, carrier, days_late) DO UPDATE
SET orders = held.orders + excluded.orders, expected_seconds = held.expected_seconds + excluded.expected_seconds,
    actual_seconds = held.actual_seconds + excluded.actual_seconds;
