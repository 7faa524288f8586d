-- name: order_facts
-- The first order whose fact is not what the order is. Nullable: held, truth.
WITH different AS MATERIALIZED (
    SELECT coalesce(f.order_id, o.order_id)::text AS key,
           CASE WHEN f.order_id IS NOT NULL THEN
               ROW(f.channel, f.location, f.delivery_option, f.state, f.outcome, f.rerouted, f.placed_at)::text
           END AS held,
           CASE WHEN o.order_id IS NOT NULL THEN
               ROW(o.channel, o.location, o.delivery_option, o.state, o.outcome, o.rerouted, o.placed_at)::text
           END AS truth
    FROM analytics.order_fact AS f
    FULL JOIN analytics.order_outcome AS o ON o.order_id = f.order_id
    WHERE (f.channel, f.location, f.delivery_option, f.state, f.outcome, f.rerouted, f.placed_at)
          IS DISTINCT FROM (o.channel, o.location, o.delivery_option, o.state, o.outcome, o.rerouted, o.placed_at)
      AND (%(has_heard_all)s::bool OR f.version = o.version)
)
SELECT key, held, truth FROM different ORDER BY key LIMIT 1;

-- name: order_parcels
-- The first order whose fact is not what its parcels add up to. Nullable: held, truth.
WITH different AS MATERIALIZED (
    SELECT f.order_id::text AS key,
           ROW(f.parcels, f.locations, f.shipping_cost, f.handling_cost, f.shipped_at, f.delivered_at)::text AS held,
           ROW(coalesce(p.parcels, 0), coalesce(p.locations, 0), coalesce(p.shipping_cost, 0),
               coalesce(p.handling_cost, 0), p.shipped_at, p.delivered_at)::text AS truth,
           f.version
    FROM analytics.order_fact AS f
    LEFT JOIN (
        SELECT order_id, count(*) AS parcels, count(DISTINCT location) AS locations, sum(shipping_cost) AS shipping_cost,
               sum(handling_cost) AS handling_cost, max(shipped_at) AS shipped_at, max(delivered_at) AS delivered_at
        FROM analytics.parcel
        GROUP BY order_id
    ) AS p ON p.order_id = f.order_id
    WHERE (f.parcels, f.locations, f.shipping_cost, f.handling_cost)
          IS DISTINCT FROM (coalesce(p.parcels, 0), coalesce(p.locations, 0), coalesce(p.shipping_cost, 0),
                            coalesce(p.handling_cost, 0))
       OR f.outcome IN ('shipped', 'delivered') AND f.shipped_at IS DISTINCT FROM p.shipped_at
       OR f.outcome IN ('delivered', 'collected') AND f.delivered_at IS DISTINCT FROM p.delivered_at
)
SELECT key, held, truth
FROM different
WHERE %(has_heard_all)s::bool
   OR version = (SELECT o.version FROM analytics.order_outcome AS o WHERE o.order_id = different.key::uuid)
ORDER BY key
LIMIT 1;

-- name: work_facts
-- The first piece of work whose fact is not what the work is. Nullable: held, truth.
WITH different AS MATERIALIZED (
    SELECT coalesce(f.order_id, w.order_id) AS order_id,
           coalesce(f.order_id, w.order_id)::text || '.' || coalesce(f.n, w.n) AS key,
           CASE WHEN f.order_id IS NOT NULL THEN ROW(f.location, f.state, f.created_at)::text END AS held,
           CASE WHEN w.order_id IS NOT NULL THEN ROW(w.location, w.state, w.created_at)::text END AS truth
    FROM analytics.work_fact AS f
    FULL JOIN analytics.work AS w ON w.order_id = f.order_id AND w.n = f.n
    WHERE (f.location, f.state, f.created_at) IS DISTINCT FROM (w.location, w.state, w.created_at)
)
SELECT key, held, truth
FROM different
WHERE %(has_heard_all)s::bool
   OR (SELECT f.version FROM analytics.order_fact AS f WHERE f.order_id = different.order_id)
      = (SELECT o.version FROM analytics.order_outcome AS o WHERE o.order_id = different.order_id)
ORDER BY key
LIMIT 1;

-- name: parcel_facts
-- The first parcel whose fact is not what the parcel is. Nullable: held, truth.
WITH different AS MATERIALIZED (
    SELECT coalesce(f.order_id, p.order_id) AS order_id,
           coalesce(f.order_id, p.order_id)::text || '.' || coalesce(f.n, p.n) AS key,
           CASE WHEN f.order_id IS NOT NULL
                THEN ROW(f.location, f.carrier, f.state, f.shipping_cost, f.handling_cost)::text END AS held,
           CASE WHEN p.order_id IS NOT NULL
                THEN ROW(p.location, coalesce(p.carrier, ''), p.state, coalesce(p.shipping_cost, 0), p.handling_cost)::text
           END AS truth
    FROM analytics.parcel_fact AS f
    FULL JOIN analytics.packed AS p ON p.order_id = f.order_id AND p.n = f.n
    WHERE (f.location, f.carrier, f.state, f.shipping_cost, f.handling_cost)
          IS DISTINCT FROM (p.location, coalesce(p.carrier, ''), p.state, coalesce(p.shipping_cost, 0), p.handling_cost)
)
SELECT key, held, truth
FROM different
WHERE %(has_heard_all)s::bool
   OR (SELECT f.version FROM analytics.order_fact AS f WHERE f.order_id = different.order_id)
      = (SELECT o.version FROM analytics.order_outcome AS o WHERE o.order_id = different.order_id)
ORDER BY key
LIMIT 1;

-- name: order_tally
-- The first row of orders that is not the sum of their facts. Nullable: held, truth.
SELECT concat_ws(' ', coalesce(t.channel, c.channel), coalesce(t.location, c.location),
                 coalesce(t.delivery_option, c.delivery_option), coalesce(t.state, c.state),
                 coalesce(t.outcome, c.outcome), coalesce(t.due_at, c.due_at)) AS key,
       t.figures AS held, c.figures AS truth
FROM (
    SELECT channel, location, delivery_option, state, outcome, due_at,
           ROW(orders, rerouted, packed, split, of_several_locations, short, short_units, shipping_cost,
               handling_cost)::text AS figures
    FROM analytics.order_tally
) AS t
FULL JOIN (
    SELECT channel, coalesce(location, 0) AS location, delivery_option, state, outcome,
           coalesce(due_at, timestamptz '9999-01-01 00:00:00+00') AS due_at,
           ROW(count(*), count(*) FILTER (WHERE rerouted), count(*) FILTER (WHERE parcels > 0),
               count(*) FILTER (WHERE parcels > 1), count(*) FILTER (WHERE locations > 1),
               count(*) FILTER (WHERE short_units > 0), sum(short_units), sum(shipping_cost),
               sum(handling_cost))::text AS figures
    FROM analytics.order_fact
    GROUP BY 1, 2, 3, 4, 5, 6
) AS c ON c.channel = t.channel AND c.location = t.location AND c.delivery_option = t.delivery_option
    AND c.state = t.state AND c.outcome = t.outcome AND c.due_at = t.due_at
WHERE t.figures IS DISTINCT FROM c.figures
ORDER BY 1
LIMIT 1;

-- name: work_tally
-- The first row of work that is not the sum of its facts. Nullable: held, truth.
SELECT concat_ws(' ', coalesce(t.location, c.location), coalesce(t.state, c.state),
                 coalesce(t.due_at, c.due_at)) AS key,
       t.works::text AS held, c.works::text AS truth
FROM analytics.work_tally AS t
FULL JOIN (
    SELECT location, state,
           coalesce(CASE WHEN state IN ('open', 'accepted', 'picking') THEN due_at END,
                    timestamptz '9999-01-01 00:00:00+00') AS due_at,
           count(*) AS works
    FROM analytics.work_fact
    GROUP BY 1, 2, 3
) AS c ON c.location = t.location AND c.state = t.state AND c.due_at = t.due_at
WHERE t.works IS DISTINCT FROM c.works
ORDER BY 1
LIMIT 1;

-- name: parcel_tally
-- The first row of parcels that is not the sum of their facts; rows that count nothing may stay. Nullable: held, truth.
SELECT concat_ws(' ', coalesce(t.location, c.location), coalesce(t.carrier, c.carrier),
                 coalesce(t.state, c.state)) AS key,
       t.figures AS held, c.figures AS truth
FROM (
    SELECT location, carrier, state, ROW(parcels, shipping_cost, handling_cost)::text AS figures
    FROM analytics.parcel_tally
) AS t
FULL JOIN (
    SELECT location, carrier, state, ROW(count(*), sum(shipping_cost), sum(handling_cost))::text AS figures
    FROM analytics.parcel_fact
    WHERE state <> 'cancelled'
    GROUP BY location, carrier, state
) AS c ON c.location = t.location AND c.carrier = t.carrier AND c.state = t.state
WHERE coalesce(t.figures, '(0,0,0)') <> coalesce(c.figures, '(0,0,0)')
ORDER BY 1
LIMIT 1;

-- name: flow_tally
-- The first quarter of an hour that is not the sum of its facts; rows that count nothing may stay. Nullable: held, truth.
SELECT coalesce(t.quarter, c.quarter)::text AS key, t.figures AS held, c.figures AS truth
FROM (
    SELECT quarter, ROW(placed, sold_in_store, shipped, delivered)::text AS figures FROM analytics.flow_tally
) AS t
FULL JOIN (
    SELECT quarter, ROW(sum(placed), sum(sold_in_store), sum(shipped), sum(delivered))::text AS figures
    FROM (
        SELECT date_bin('15 minutes', at, timestamptz '2000-01-01 00:00:00+00') AS quarter, placed, sold_in_store,
               shipped, delivered
        FROM analytics.order_fact
        CROSS JOIN LATERAL (VALUES
            (placed_at, (delivery_option <> 'in_store')::int, (delivery_option = 'in_store')::int, 0, 0),
            (CASE WHEN delivery_option <> 'in_store' THEN shipped_at END, 0, 0, 1, 0),
            (CASE WHEN delivery_option <> 'in_store' THEN delivered_at END, 0, 0, 0, 1)
        ) AS moment (at, placed, sold_in_store, shipped, delivered)
        WHERE at IS NOT NULL
    ) AS m
    GROUP BY quarter
) AS c ON c.quarter = t.quarter
WHERE coalesce(t.figures, '(0,0,0,0)') <> coalesce(c.figures, '(0,0,0,0)')
ORDER BY 1
LIMIT 1;

-- name: lead_tally
-- The first row of lead times that is not the sum of its facts; rows that count nothing may stay. Nullable: held, truth.
SELECT concat_ws(' ', coalesce(t.day, c.day), coalesce(t.delivery_option, c.delivery_option),
                 coalesce(t.carrier, c.carrier), coalesce(t.days_late, c.days_late)) AS key,
       t.figures AS held, c.figures AS truth
FROM (
    SELECT day, delivery_option, carrier, days_late, ROW(orders, expected_seconds, actual_seconds)::text AS figures
    FROM analytics.lead_tally
) AS t
FULL JOIN (
    SELECT date_trunc('day', kept_at, 'UTC') AS day, delivery_option, carrier,
           least(greatest(ceil(extract(epoch FROM kept_at - expected_by) / 86400), -30), 60)::int AS days_late,
           ROW(count(*), sum(floor(extract(epoch FROM expected_by - placed_at)))::bigint,
               sum(floor(extract(epoch FROM kept_at - placed_at)))::bigint)::text AS figures
    FROM analytics.order_fact
    WHERE kept_at IS NOT NULL AND expected_by IS NOT NULL
    GROUP BY 1, 2, 3, 4
) AS c ON c.day = t.day AND c.delivery_option = t.delivery_option AND c.carrier = t.carrier
    AND c.days_late = t.days_late
WHERE coalesce(t.figures, '(0,0,0)') <> coalesce(c.figures, '(0,0,0)')
ORDER BY 1
LIMIT 1;
