-- name: touch
-- Keeps others from changing a carrier until this transaction ends, and returns its version.
UPDATE network.carrier SET version = version WHERE code = %(carrier)s::text RETURNING version;

-- name: remove
-- Removes every rate of a carrier.
DELETE FROM network.rate WHERE carrier = %(carrier)s::bigint;

-- name: insert
-- The rates of a carrier.
INSERT INTO network.rate (carrier, service, zone, weight_g_max, price)
SELECT %(carrier)s::bigint, given.service, given.zone, given.weight_g_max, given.price
FROM unnest(%(services)s::text[], %(zones)s::text[], %(weights_g)s::int[], %(prices)s::bigint[])
    AS given (service, zone, weight_g_max, price);

-- name: raise_version
-- A carrier's rates are other ones now.
UPDATE network.carrier SET version = version + 1 WHERE id = %(carrier)s::bigint RETURNING version;

-- name: of_carrier
-- The rates of a carrier, in order.
SELECT carrier, service, zone, weight_g_max, price
FROM network.rate
WHERE carrier = %(carrier)s::bigint
ORDER BY service, zone, weight_g_max;

-- name: every
-- Every rate, the lightest of each zone first.
SELECT carrier, service, zone, weight_g_max, price
FROM network.rate
ORDER BY carrier, service, zone, weight_g_max;
