-- name: sort_in_memory
-- Until the transaction ends there is memory for sorting, and nobody waits for the disk.
SELECT set_config('work_mem', '256MB', true), set_config('synchronous_commit', 'off', true);

-- name: make_room
-- Where it is written down which order is told again as which: gone when everything is told.
CREATE SCHEMA benchmark;

-- name: make_clones
-- Every further order: the one that it is like, and by how much earlier everything of it happened.
CREATE UNLOGGED TABLE benchmark.clone (
    id uuid PRIMARY KEY,
    template uuid NOT NULL,
    number bigint NOT NULL,
    shift interval NOT NULL,
    reference text NOT NULL,
    customer jsonb NOT NULL
);

-- name: make_identifier
-- A UUIDv7 of a moment, otherwise like another one but for the number of an order at its end.
CREATE FUNCTION benchmark.identifier(at timestamptz, "like" uuid, number bigint) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (overlay(lpad(to_hex((date_part('epoch', at) * 1000)::bigint), 12, '0') PLACING '-' FROM 9 FOR 0)
            || '-7' || substr("like"::text, 16, 13) || lpad(to_hex(number), 8, '0'))::uuid
$$;

-- name: orders_told
-- The orders that there are: when each was captured, and whether nothing will happen to it any more.
SELECT o.id, o.created_at, o.reference, o.customer, f.outcome IN ('delivered', 'collected', 'carried_out', 'cancelled')
FROM orders.orders AS o
JOIN analytics.order_fact AS f ON f.order_id = o.id
ORDER BY o.id;

-- name: copy_clones
-- The further orders, from the client.
COPY benchmark.clone (id, template, number, shift, reference, customer) FROM STDIN;

-- name: look_at_clones
-- The planner knows how many there are.
ANALYZE benchmark.clone, benchmark.told, benchmark.moved, benchmark.level;

-- name: keep_events
-- The events of orders, numbered within what is told of one order at once, with how many that are.
CREATE UNLOGGED TABLE benchmark.told AS
SELECT aggregate, sequence, type, at, data, batch,
       row_number() OVER (PARTITION BY aggregate, batch ORDER BY ordinal)::int - 1 AS ordinal,
       count(*) OVER (PARTITION BY aggregate, batch)::int AS width
FROM core.event
WHERE aggregate IN (SELECT id FROM orders.orders);

-- name: keep_movements
-- The lines of the ledger that orders caused: their document begins with the number of the order.
CREATE UNLOGGED TABLE benchmark.moved AS
SELECT o.id AS order_id, m.*
FROM inventory.movement AS m
JOIN orders.orders AS o ON o.number::text = split_part(m.document, '/', 1)
WHERE m.cause IN ('shipment', 'collection', 'till_sale', 'not_found', 'damaged');

-- name: sum_up_levels
-- What the further orders make of each level, if as much more had been there at its first count.
CREATE UNLOGGED TABLE benchmark.level AS
SELECT sku, location, sum(movements)::int AS movements, sum(on_hand)::int AS on_hand,
       sum(unavailable)::int AS unavailable, sum(committed)::int AS committed
FROM (
    SELECT m.sku, m.location, n.orders AS movements, m.on_hand_change * n.orders AS on_hand,
           m.unavailable_change * n.orders AS unavailable, 0 AS committed
    FROM benchmark.moved AS m
    JOIN (SELECT template, count(*) AS orders FROM benchmark.clone GROUP BY template) AS n ON n.template = m.order_id
    UNION ALL
    SELECT c.sku, c.location, 0, 0, 0, c.quantity * n.orders
    FROM inventory.claim AS c
    JOIN (SELECT template, count(*) AS orders FROM benchmark.clone GROUP BY template) AS n ON n.template = c.holder
) AS parts
GROUP BY sku, location;

-- name: add_keys
-- References that are taken.
INSERT INTO orders.order_key (channel, reference, order_id, content_hash)
SELECT k.channel, c.reference, c.id, k.content_hash
FROM benchmark.clone AS c JOIN orders.order_key AS k ON k.order_id = c.template
ORDER BY c.id;

-- name: add_orders
-- The orders themselves, of other customers.
INSERT INTO orders.orders (id, number, version, channel, reference, state, holds, currency, delivery_option, location,
                           customer, destination, goods_amount, delivery_amount, total_amount, placed_at, created_at)
SELECT c.id, c.number, o.version, o.channel, c.reference, o.state, o.holds, o.currency, o.delivery_option, o.location,
       c.customer, o.destination || jsonb_build_object('name', c.customer -> 'name'), o.goods_amount, o.delivery_amount,
       o.total_amount, o.placed_at - c.shift, o.created_at - c.shift
FROM benchmark.clone AS c JOIN orders.orders AS o ON o.id = c.template
ORDER BY c.id;

-- name: add_lines
-- What was ordered.
INSERT INTO orders.order_line (order_id, n, sku, quantity, unit_price, unit_discount)
SELECT c.id, l.n, l.sku, l.quantity, l.unit_price, l.unit_discount
FROM benchmark.clone AS c JOIN orders.order_line AS l ON l.order_id = c.template
ORDER BY c.id;

-- name: add_allocations
-- Where each quantity stands.
INSERT INTO orders.allocation (order_id, n, line, sku, quantity, location, state, fulfillment_order, reason, declined,
                               attempts, retry_at)
SELECT c.id, a.n, a.line, a.sku, a.quantity, a.location, a.state, a.fulfillment_order, a.reason, a.declined, a.attempts,
       a.retry_at - c.shift
FROM benchmark.clone AS c JOIN orders.allocation AS a ON a.order_id = c.template
ORDER BY c.id;

-- name: add_decisions
-- Why it comes from there.
INSERT INTO orders.decision (order_id, n, at, plan)
SELECT c.id, d.n, d.at - c.shift, d.plan
FROM benchmark.clone AS c JOIN orders.decision AS d ON d.order_id = c.template
ORDER BY c.id;

-- name: add_notes
-- What was noted.
INSERT INTO orders.note (order_id, n, at, author, text)
SELECT c.id, n.n, n.at - c.shift, n.author, n.text
FROM benchmark.clone AS c JOIN orders.note AS n ON n.order_id = c.template
ORDER BY c.id;

-- name: add_payments
-- What was paid.
INSERT INTO payments.payment (order_id, reference, state, amount, currency, received_at, recorded_at)
SELECT c.id, p.reference, p.state, p.amount, p.currency, p.received_at - c.shift, p.recorded_at - c.shift
FROM benchmark.clone AS c JOIN payments.payment AS p ON p.order_id = c.template
ORDER BY c.id;

-- name: add_works
-- What locations were asked to do.
INSERT INTO fulfillment.fulfillment_order (order_id, n, location, state, version, delivery_option, carrier, service,
                                           reason, created_at, changed_at)
SELECT c.id, f.n, f.location, f.state, f.version, f.delivery_option, f.carrier, f.service, f.reason,
       f.created_at - c.shift, f.changed_at - c.shift
FROM benchmark.clone AS c JOIN fulfillment.fulfillment_order AS f ON f.order_id = c.template
ORDER BY c.id;

-- name: add_packages
-- What was packed, under tracking numbers of its own.
INSERT INTO fulfillment.package (order_id, n, fulfillment_order, location, state, weight_g, items, carrier, service,
                                 tracking_number, shipping_cost, handling_cost, packed_at, shipped_at, delivered_at)
SELECT c.id, p.n, p.fulfillment_order, p.location, p.state, p.weight_g, p.items, p.carrier, p.service,
       CASE WHEN p.tracking_number IS NOT NULL THEN c.number || '-' || p.n END, p.shipping_cost, p.handling_cost,
       p.packed_at - c.shift, p.shipped_at - c.shift, p.delivered_at - c.shift
FROM benchmark.clone AS c JOIN fulfillment.package AS p ON p.order_id = c.template
ORDER BY c.id;

-- name: add_tracking_numbers
-- Whose each tracking number is.
INSERT INTO fulfillment.tracking_number (carrier, tracking_number, order_id, package)
SELECT t.carrier, c.number || '-' || t.package, c.id, t.package
FROM benchmark.clone AS c JOIN fulfillment.tracking_number AS t ON t.order_id = c.template
ORDER BY c.id;

-- name: add_carrier_facts
-- What carriers told.
INSERT INTO fulfillment.carrier_fact (order_id, package, milestone, at)
SELECT c.id, f.package, f.milestone, f.at - c.shift
FROM benchmark.clone AS c JOIN fulfillment.carrier_fact AS f ON f.order_id = c.template
ORDER BY c.id;

-- name: add_steps
-- What customers see of it.
INSERT INTO tracking.tracking_event (order_id, sequence, milestone, package, location, at)
SELECT c.id, t.sequence, t.milestone, t.package, t.location, t.at - c.shift
FROM benchmark.clone AS c JOIN tracking.tracking_event AS t ON t.order_id = c.template
ORDER BY c.id;

-- name: add_events
-- What was told of it, with its own number, reference, tracking numbers and moments.
INSERT INTO core.event (aggregate, sequence, type, at, data, batch, ordinal)
SELECT c.id, e.sequence, e.type, e.at - c.shift,
       e.data
       || CASE WHEN e.data ? 'at' THEN jsonb_build_object('at', (e.data ->> 'at')::timestamptz - c.shift) ELSE '{}' END
       || CASE WHEN e.data ? 'tracking_number' AND e.data ->> 'tracking_number' IS NOT NULL
               THEN jsonb_build_object('tracking_number', c.number || '-' || (e.data ->> 'package')) ELSE '{}' END
       || CASE WHEN e.type = 'order.created'
               THEN jsonb_build_object('number', c.number, 'reference', c.reference) ELSE '{}' END,
       benchmark.identifier(e.at - c.shift, e.batch, c.number), e.ordinal
FROM benchmark.clone AS c JOIN benchmark.told AS e ON e.aggregate = c.template
ORDER BY c.id, e.sequence;

-- name: add_batches
-- Everything that was told at once of one order.
INSERT INTO core.batch (id, events, stamped)
SELECT benchmark.identifier(e.at - c.shift, e.batch, c.number), e.width, true
FROM benchmark.clone AS c JOIN benchmark.told AS e ON e.aggregate = c.template AND e.ordinal = 0
ORDER BY 1;

-- name: place_batches
-- The public order of what was told, after what has a position already.
INSERT INTO core.event_position (position, batch, width)
SELECT start.position + sum(b.events) OVER (ORDER BY b.id) - b.events, b.id, b.events
FROM core.batch AS b,
     (SELECT max(position + width) AS position FROM core.event_position) AS start
WHERE NOT EXISTS (SELECT FROM core.event_position AS p WHERE p.batch = b.id);

-- name: hear_everything
-- Listeners need not hear what follows from the further orders: it is told here as well.
UPDATE core.subscription SET position = (SELECT max(position + width) - 1 FROM core.event_position);

-- name: open_ledger
-- Until it is closed again the past of the ledger may be told differently.
ALTER TABLE inventory.movement DISABLE TRIGGER ledger_is_append_only;

-- name: make_way
-- What the ledger has comes after what is added, but for the first count of each level.
UPDATE inventory.movement AS m SET version = m.version + l.movements + 1
FROM benchmark.level AS l
WHERE l.sku = m.sku AND l.location = m.location AND NOT (m.cause = 'count' AND m.version = 1);

-- name: count_more
-- So much more was there at the first count, before the first of the further orders.
UPDATE inventory.movement AS m
SET on_hand_change = m.on_hand_change + l.committed + l.unavailable - l.on_hand,
    quantity = m.quantity + l.committed + l.unavailable - l.on_hand,
    occurred_at = %(opened)s::timestamptz, recorded_at = %(opened)s::timestamptz,
    id = benchmark.identifier(%(opened)s::timestamptz, m.id, 0)
FROM benchmark.level AS l
WHERE l.sku = m.sku AND l.location = m.location AND m.cause = 'count' AND m.version = 1;

-- name: count_first
-- Where nothing was counted before something left, it was.
INSERT INTO inventory.movement (sku, id, location, version, on_hand_change, unavailable_change, quantity, cause, author,
                                occurred_at, recorded_at, source)
SELECT l.sku, benchmark.identifier(%(opened)s::timestamptz, gen_random_uuid(), 0), l.location, 1,
       l.committed + l.unavailable - l.on_hand, 0, l.committed + l.unavailable - l.on_hand, 'count', 'back office',
       %(opened)s::timestamptz, %(opened)s::timestamptz, 'opening count'
FROM benchmark.level AS l
WHERE NOT EXISTS (
    SELECT FROM inventory.movement AS m
    WHERE m.sku = l.sku AND m.location = l.location AND m.cause = 'count' AND m.version = 1);

-- name: add_movements
-- What left for the further orders, in the order in which it did.
INSERT INTO inventory.movement (sku, id, location, version, on_hand_change, unavailable_change, quantity, cause, document,
                                author, occurred_at, recorded_at, source, source_sequence)
SELECT m.sku, benchmark.identifier(m.recorded_at - c.shift, m.id, c.number), m.location,
       1 + row_number() OVER (PARTITION BY m.sku, m.location ORDER BY m.recorded_at - c.shift, c.number, m.version),
       m.on_hand_change, m.unavailable_change, m.quantity, m.cause,
       regexp_replace(m.document, '^[0-9]+', c.number::text), m.author, m.occurred_at - c.shift,
       m.recorded_at - c.shift, m.source, m.source_sequence
FROM benchmark.clone AS c JOIN benchmark.moved AS m ON m.order_id = c.template
ORDER BY 2;

-- name: close_ledger
-- The ledger is only added to.
ALTER TABLE inventory.movement ENABLE TRIGGER ledger_is_append_only;

-- name: add_claims
-- What is claimed by orders that have not left.
INSERT INTO inventory.claim (sku, holder, n, location, kind, quantity, pool, inbound)
SELECT m.sku, c.id, m.n, m.location, m.kind, m.quantity, m.pool, m.inbound
FROM benchmark.clone AS c JOIN inventory.claim AS m ON m.holder = c.template
ORDER BY c.id;

-- name: set_aside
-- What was not found, or damaged.
INSERT INTO inventory.unavailable AS u (sku, location, reason, quantity)
SELECT m.sku, m.location, m.cause, sum(m.unavailable_change)
FROM benchmark.clone AS c JOIN benchmark.moved AS m ON m.order_id = c.template
WHERE m.unavailable_change <> 0
GROUP BY m.sku, m.location, m.cause
ON CONFLICT (sku, location, reason) DO UPDATE SET quantity = u.quantity + excluded.quantity;

-- name: raise_levels
-- As many units as before are free.
UPDATE inventory.stock_level AS s
SET on_hand = s.on_hand + l.committed + l.unavailable, unavailable = s.unavailable + l.unavailable,
    committed = s.committed + l.committed, version = s.version + l.movements + 1
FROM benchmark.level AS l
WHERE l.sku = s.sku AND l.location = s.location;

-- name: add_order_facts
-- What the read model knows of orders.
INSERT INTO analytics.order_fact (
    order_id, version, channel, location, delivery_option, state, outcome, rerouted, placed_at, freed_at, expected_by,
    shipped_at, delivered_at, kept_at, due_at, carrier, parcels, locations, shipping_cost, handling_cost, short_units)
SELECT c.id, f.version, f.channel, f.location, f.delivery_option, f.state, f.outcome, f.rerouted, f.placed_at - c.shift,
       f.freed_at - c.shift, f.expected_by - c.shift, f.shipped_at - c.shift, f.delivered_at - c.shift,
       f.kept_at - c.shift, f.due_at - c.shift, f.carrier, f.parcels, f.locations, f.shipping_cost, f.handling_cost,
       f.short_units
FROM benchmark.clone AS c JOIN analytics.order_fact AS f ON f.order_id = c.template
ORDER BY c.id;

-- name: add_work_facts
-- What the read model knows of work.
INSERT INTO analytics.work_fact (order_id, n, location, state, created_at, due_at)
SELECT c.id, f.n, f.location, f.state, f.created_at - c.shift, f.due_at - c.shift
FROM benchmark.clone AS c JOIN analytics.work_fact AS f ON f.order_id = c.template
ORDER BY c.id;

-- name: add_parcel_facts
-- What the read model knows of parcels.
INSERT INTO analytics.parcel_fact (order_id, n, location, carrier, state, shipping_cost, handling_cost)
SELECT c.id, f.n, f.location, f.carrier, f.state, f.shipping_cost, f.handling_cost
FROM benchmark.clone AS c JOIN analytics.parcel_fact AS f ON f.order_id = c.template
ORDER BY c.id;

-- name: number_on
-- Orders to come have numbers that nobody has.
SELECT setval('orders.number', %(first)s::bigint, false);

-- name: clear_up
-- Nothing of the telling stays.
DROP SCHEMA benchmark CASCADE;

-- name: vacuum
-- What autovacuum would do in the minutes after.
VACUUM (ANALYZE, PARALLEL 0);
