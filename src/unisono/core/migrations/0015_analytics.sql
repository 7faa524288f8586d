-- The read model of the live overview: a fact row for every order, piece of work and parcel, and
-- tallies of them, so that reading costs the same with a hundred orders or a million.

CREATE OR REPLACE VIEW analytics.order_outcome AS
SELECT o.id AS order_id, o.channel, o.delivery_option, o.created_at, p.rerouted,
       CASE
           WHEN o.state = 'cancelled' THEN 'cancelled'
           WHEN o.state <> 'fulfilled' AND p.waiting AND NOT p.at_work THEN 'waiting'
           WHEN o.state <> 'fulfilled' THEN 'at_work'
           WHEN o.delivery_option = 'in_store' THEN 'carried_out'
           WHEN o.delivery_option = 'click_and_collect' THEN 'collected'
           WHEN p.on_the_way THEN 'shipped'
           ELSE 'delivered'
       END AS outcome,
       o.version, o.state, o.location, o.placed_at, p.ready
FROM orders.orders AS o
JOIN (
    SELECT a.order_id,
           bool_or(a.parked) AS waiting,
           bool_or(NOT a.parked AND a.state NOT IN ('shipped', 'delivered', 'picked_up', 'cancelled')) AS at_work,
           bool_or(a.state = 'shipped') AS on_the_way,
           bool_or(cardinality(a.declined) > 0 AND a.location IS NOT NULL) AS rerouted,
           bool_and(a.state IN ('ready_for_pickup', 'picked_up', 'cancelled')) AS ready
    FROM (
        SELECT *, state = 'open' AND (attempts > 0 OR reason = 'out_of_stock') AS parked
        FROM orders.allocation
    ) AS a
    GROUP BY a.order_id
) AS p ON p.order_id = o.id;
COMMENT ON COLUMN analytics.order_outcome.ready IS 'Everything that is still wanted waits for the customer at the store, or was handed over';

CREATE VIEW analytics.order_beginning AS
SELECT o.id AS order_id, o.destination ->> 'country' AS country, l.units, d.plan -> 'parcels' AS parcels, e.freed_at
FROM orders.orders AS o
CROSS JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS units FROM orders.order_line WHERE order_id = o.id) AS l
CROSS JOIN LATERAL (
    SELECT min(CASE WHEN sequence = 1 THEN o.placed_at ELSE at END) AS freed_at
    FROM core.event
    WHERE aggregate = o.id AND data -> 'holds' = '[]'
) AS e
LEFT JOIN orders.decision AS d ON d.order_id = o.id AND d.n = 1;
COMMENT ON VIEW analytics.order_beginning IS 'What was known when an order began; freed_at is when it was placed, or when the last hold that it was placed with was released';

CREATE VIEW analytics.packed AS
SELECT order_id, n, location, state, carrier, shipping_cost, handling_cost, shipped_at, delivered_at
FROM fulfillment.package;
COMMENT ON VIEW analytics.packed IS 'What was packed, cancelled parcels too, with its costs in minor units of the cost currency';

CREATE VIEW analytics.made_ready AS
SELECT aggregate AS order_id, max(at) AS at
FROM core.event
WHERE type = 'fulfillment_order.ready_for_pickup'
GROUP BY aggregate;
COMMENT ON VIEW analytics.made_ready IS 'When the goods of an order last became ready for pickup';

CREATE TABLE analytics.order_fact (
    order_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    channel bigint NOT NULL,
    location bigint,
    delivery_option text NOT NULL,
    state text NOT NULL,
    outcome text NOT NULL,
    rerouted boolean NOT NULL,
    placed_at timestamptz NOT NULL,
    freed_at timestamptz,
    expected_by timestamptz,
    shipped_at timestamptz,
    delivered_at timestamptz,
    kept_at timestamptz,
    due_at timestamptz,
    carrier text NOT NULL,
    parcels int NOT NULL,
    locations int NOT NULL,
    shipping_cost bigint NOT NULL,
    handling_cost bigint NOT NULL,
    short_units int NOT NULL,
    CONSTRAINT only_what_was_expected_is_due CHECK (due_at IS NULL OR (due_at = expected_by AND kept_at IS NULL))
) WITH (fillfactor = 80);
COMMENT ON COLUMN analytics.order_fact.version IS 'Of the order when it was looked at; it is looked at again when it tells a later event';
COMMENT ON COLUMN analytics.order_fact.expected_by IS 'By when the customer could count on it, as computed when the order was free to be worked on, and never again';
COMMENT ON COLUMN analytics.order_fact.kept_at IS 'When what was expected came true: brought to the door, or ready for pickup';
COMMENT ON COLUMN analytics.order_fact.due_at IS 'What was expected, as long as it neither came true nor was cancelled';
COMMENT ON COLUMN analytics.order_fact.carrier IS 'Of all its parcels; empty when there are several carriers or none';
CREATE INDEX order_fact_held ON analytics.order_fact (placed_at) WHERE state = 'on_hold';
CREATE INDEX order_fact_waiting ON analytics.order_fact (placed_at) WHERE outcome = 'waiting';
CREATE INDEX order_fact_due ON analytics.order_fact (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE analytics.work_fact (
    order_id uuid NOT NULL,
    n int NOT NULL,
    location bigint NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz,
    PRIMARY KEY (order_id, n)
) WITH (fillfactor = 80);
COMMENT ON COLUMN analytics.work_fact.due_at IS 'By when it had to be packed, as computed when the location was asked, and never again';
CREATE INDEX work_fact_unfinished ON analytics.work_fact (location, created_at)
    WHERE state IN ('open', 'accepted', 'picking');
CREATE INDEX work_fact_due ON analytics.work_fact (due_at) WHERE state IN ('open', 'accepted', 'picking');

CREATE TABLE analytics.parcel_fact (
    order_id uuid NOT NULL,
    n int NOT NULL,
    location bigint NOT NULL,
    carrier text NOT NULL,
    state text NOT NULL,
    shipping_cost bigint NOT NULL,
    handling_cost bigint NOT NULL,
    PRIMARY KEY (order_id, n)
) WITH (fillfactor = 80);
COMMENT ON COLUMN analytics.parcel_fact.carrier IS 'Empty when the customer collects it';

-- Rows of a tally are changed again and again by one writer: half-empty pages keep that in place.
-- Their figures have no constraint: a change arrives as the row to insert, and may be negative.

CREATE TABLE analytics.order_tally (
    channel bigint NOT NULL,
    location bigint NOT NULL,
    delivery_option text NOT NULL,
    state text NOT NULL,
    outcome text NOT NULL,
    due_at timestamptz NOT NULL,
    orders bigint NOT NULL,
    rerouted bigint NOT NULL,
    packed bigint NOT NULL,
    split bigint NOT NULL,
    of_several_locations bigint NOT NULL,
    short bigint NOT NULL,
    short_units bigint NOT NULL,
    shipping_cost bigint NOT NULL,
    handling_cost bigint NOT NULL,
    PRIMARY KEY (channel, location, delivery_option, state, outcome, due_at)
) WITH (fillfactor = 50);
COMMENT ON COLUMN analytics.order_tally.location IS 'Where the customer collects or bought the goods; 0 when a carrier brings them';
COMMENT ON COLUMN analytics.order_tally.due_at IS 'The first of January 9999 when nothing is due';

CREATE TABLE analytics.work_tally (
    location bigint NOT NULL,
    state text NOT NULL,
    due_at timestamptz NOT NULL,
    works bigint NOT NULL,
    PRIMARY KEY (location, state, due_at)
) WITH (fillfactor = 50);
COMMENT ON COLUMN analytics.work_tally.due_at IS 'The first of January 9999 when nothing is due';

CREATE TABLE analytics.parcel_tally (
    location bigint NOT NULL,
    carrier text NOT NULL,
    state text NOT NULL,
    parcels bigint NOT NULL,
    shipping_cost bigint NOT NULL,
    handling_cost bigint NOT NULL,
    PRIMARY KEY (location, carrier, state)
) WITH (fillfactor = 50);

CREATE TABLE analytics.flow_tally (
    quarter timestamptz PRIMARY KEY,
    placed bigint NOT NULL,
    sold_in_store bigint NOT NULL,
    shipped bigint NOT NULL,
    delivered bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE analytics.flow_tally IS 'Orders by quarter of an hour, of which hours and days of every time zone are made';

CREATE TABLE analytics.lead_tally (
    day timestamptz NOT NULL,
    delivery_option text NOT NULL,
    carrier text NOT NULL,
    days_late int NOT NULL,
    orders bigint NOT NULL,
    expected_seconds bigint NOT NULL,
    actual_seconds bigint NOT NULL,
    PRIMARY KEY (day, delivery_option, carrier, days_late)
) WITH (fillfactor = 50);
COMMENT ON TABLE analytics.lead_tally IS 'Orders by the UTC day on which what was expected came true: lead times summed up, and how late it was';
