-- name: of_orders
-- The fulfillment orders of these orders. Nullable: carrier, service, reason.
SELECT order_id, n, location, state, version, delivery_option, carrier, service, reason, created_at, changed_at
FROM fulfillment.fulfillment_order
WHERE order_id = ANY(%(orders)s::uuid[])
ORDER BY order_id, n;

-- name: insert
-- Work that locations are asked to do.
INSERT INTO fulfillment.fulfillment_order (order_id, n, location, state, delivery_option, carrier, service)
SELECT f.order_id, f.n, f.location, 'open', f.delivery_option, f.carrier, f.service
FROM unnest(%(orders)s::uuid[], %(ns)s::int[], %(locations)s::bigint[], %(delivery_options)s::text[],
            %(carriers)s::text[], %(services)s::text[])
    AS f (order_id, n, location, delivery_option, carrier, service);

-- name: change
-- What became of fulfillment orders whose order this transaction has locked.
UPDATE fulfillment.fulfillment_order AS held
SET state = f.state, reason = f.reason, version = held.version + 1, changed_at = f.changed_at
FROM unnest(%(orders)s::uuid[], %(ns)s::int[], %(states)s::text[], %(reasons)s::text[], %(changed_at)s::timestamptz[])
    AS f (order_id, n, state, reason, changed_at)
WHERE held.order_id = f.order_id AND held.n = f.n;

-- name: packages_of_orders
-- The packages of these orders. Nullable: carrier, service, tracking_number, shipping_cost, shipped_at, delivered_at.
SELECT order_id, n, fulfillment_order, location, state, weight_g, items, carrier, service, tracking_number,
       shipping_cost, handling_cost, packed_at, shipped_at, delivered_at
FROM fulfillment.package
WHERE order_id = ANY(%(orders)s::uuid[])
ORDER BY order_id, n;

-- name: put_packages
-- Packages that were made or changed.
INSERT INTO fulfillment.package (order_id, n, fulfillment_order, location, state, weight_g, items, carrier, service,
                                 tracking_number, shipping_cost, handling_cost, packed_at, shipped_at, delivered_at)
SELECT p.order_id, p.n, p.fulfillment_order, p.location, p.state, p.weight_g, p.items::jsonb, p.carrier, p.service,
       p.tracking_number, p.shipping_cost, p.handling_cost, p.packed_at, p.shipped_at, p.delivered_at
FROM unnest(%(orders)s::uuid[], %(ns)s::int[], %(fulfillment_orders)s::int[], %(locations)s::bigint[],
            %(states)s::text[], %(weights_g)s::int[], %(items)s::text[], %(carriers)s::text[], %(services)s::text[],
            %(tracking_numbers)s::text[], %(shipping_costs)s::bigint[], %(handling_costs)s::bigint[],
            %(packed_at)s::timestamptz[], %(shipped_at)s::timestamptz[], %(delivered_at)s::timestamptz[])
    AS p (order_id, n, fulfillment_order, location, state, weight_g, items, carrier, service, tracking_number,
          shipping_cost, handling_cost, packed_at, shipped_at, delivered_at)
ON CONFLICT (order_id, n) DO UPDATE
SET state = excluded.state, items = excluded.items, tracking_number = excluded.tracking_number,
    shipped_at = excluded.shipped_at, delivered_at = excluded.delivered_at;
