-- name: repeatably
-- What follows is drawn alike each time.
SELECT setseed(0.5);

-- name: orders
-- Any orders. Nullable: email.
SELECT id, number, reference, customer ->> 'name' AS name, customer ->> 'email' AS email
FROM orders.orders
ORDER BY random()
LIMIT %(limit)s::int;

-- name: cancellable
-- Numbers of orders of which nothing has left.
SELECT number FROM orders.orders WHERE state = 'open' ORDER BY random() LIMIT %(limit)s::int;

-- name: works
-- Work to do: where, of which order, the how manieth.
SELECT l.code, f.order_id, f.n
FROM fulfillment.fulfillment_order AS f
JOIN network.location AS l ON l.id = f.location
WHERE f.state IN ('open', 'accepted', 'picking', 'packed', 'ready_for_pickup')
ORDER BY random()
LIMIT %(limit)s::int;

-- name: locations
-- Every location.
SELECT code FROM network.location ORDER BY code;

-- name: levels
-- SKUs with a location that has them.
SELECT s.code, s.name, l.code
FROM inventory.stock_level AS v
JOIN catalog.sku AS s ON s.id = v.sku
JOIN network.location AS l ON l.id = v.location
ORDER BY random()
LIMIT %(limit)s::int;

-- name: channels
-- Every channel.
SELECT code FROM channels.channel ORDER BY code;

-- name: counted
-- What there is.
SELECT (SELECT count(*) FROM orders.orders) AS orders,
       (SELECT count(*) FROM network.location) AS locations,
       (SELECT count(*) FROM fulfillment.fulfillment_order WHERE state IN ('open', 'accepted', 'picking')) AS open_works,
       (SELECT count(*) FROM core.event) AS events;
