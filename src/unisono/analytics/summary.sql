-- name: outcomes
-- Orders by channel, delivery option and outcome.
SELECT c.code AS channel, o.delivery_option, o.outcome, count(*) AS orders,
       count(*) FILTER (WHERE o.rerouted) AS rerouted
FROM analytics.order_outcome AS o
JOIN channels.channel AS c ON c.id = o.channel
GROUP BY c.code, o.delivery_option, o.outcome
ORDER BY c.code, o.delivery_option, o.outcome;

-- name: works
-- Fulfillment orders by location and state.
SELECT l.code AS location, l.kind, w.state, count(*) AS fulfillment_orders
FROM analytics.work AS w
JOIN network.location AS l ON l.id = w.location
GROUP BY l.code, l.kind, w.state
ORDER BY l.code, w.state;

-- name: parcels
-- Parcels and what they cost, by location and state.
SELECT l.code AS location, l.kind, p.state, count(*) AS parcels,
       coalesce(sum(p.shipping_cost), 0)::bigint AS shipping_cost, sum(p.handling_cost)::bigint AS handling_cost
FROM analytics.parcel AS p
JOIN network.location AS l ON l.id = p.location
GROUP BY l.code, l.kind, p.state
ORDER BY l.code, p.state;

-- name: splits
-- Orders that were packed, and those of them in several parcels or from several locations.
SELECT count(*) AS packed_orders, count(*) FILTER (WHERE parcels > 1) AS split_orders,
       count(*) FILTER (WHERE locations > 1) AS orders_of_several_locations
FROM (
    SELECT count(*) AS parcels, count(DISTINCT location) AS locations FROM analytics.parcel GROUP BY order_id
) AS o;

-- name: short_orders
-- Units that were captured without being free, by channel, with what the channel does when stock is short.
SELECT c.code AS channel, c.when_short, coalesce(sum(s.ordered - s.placed), 0)::bigint AS units
FROM channels.channel AS c
LEFT JOIN analytics.short_order AS s ON s.channel = c.id
GROUP BY c.code, c.when_short
ORDER BY c.code;

-- name: overdrawn
-- Units that left beyond what the figures said was there, where tills sold and where they did not.
SELECT coalesce(sum(units) FILTER (WHERE sold_at_tills), 0)::bigint AS with_till_sales,
       coalesce(sum(units) FILTER (WHERE NOT sold_at_tills), 0)::bigint AS without_till_sales
FROM analytics.overdrawn;

-- name: moving
-- What is not at its end yet: orders at work, fulfillment orders under way, parcels on the way.
SELECT (SELECT count(*) FROM analytics.order_outcome WHERE outcome = 'at_work') AS orders,
       (SELECT count(*) FROM analytics.work
        WHERE state IN ('open', 'accepted', 'picking', 'packed', 'ready_for_pickup')) AS fulfillment_orders,
       (SELECT count(*) FROM analytics.parcel WHERE state = 'shipped') AS parcels;
