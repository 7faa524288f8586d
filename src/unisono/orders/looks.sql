-- name: take_keys
-- References that nobody has used; one that another transaction is about to use is waited for.
INSERT INTO orders.order_key (channel, reference, order_id, content_hash)
SELECT * FROM unnest(%(channels)s::bigint[], %(references)s::text[], %(ids)s::uuid[], %(hashes)s::bytea[])
ON CONFLICT DO NOTHING
RETURNING channel, reference;

-- name: delete_keys
-- References of orders that are not written after all.
DELETE FROM orders.order_key AS k
USING unnest(%(channels)s::bigint[], %(references)s::text[], %(ids)s::uuid[], %(hashes)s::bytea[])
    AS d (channel, reference, order_id, content_hash)
WHERE k.channel = d.channel AND k.reference = d.reference AND k.order_id = d.order_id;
