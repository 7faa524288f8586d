-- name: insert
-- Lines of the ledger.
INSERT INTO inventory.movement (sku, id, location, version, on_hand_change, unavailable_change, quantity,
                                cause, document, author, occurred_at, source)
SELECT * FROM unnest(%(skus)s::bigint[], %(ids)s::uuid[], %(locations)s::bigint[], %(versions)s::bigint[],
                     %(on_hand)s::int[], %(unavailable)s::int[], %(quantities)s::int[], %(causes)s::text[],
                     %(documents)s::text[], %(authors)s::text[], %(occurred_at)s::timestamptz[], %(sources)s::text[]);

-- name: set_aside
-- Why stock is on hand and cannot be sold.
INSERT INTO inventory.unavailable AS u (sku, location, reason, quantity)
SELECT * FROM unnest(%(skus)s::bigint[], %(locations)s::bigint[], %(reasons)s::text[], %(quantities)s::int[])
ON CONFLICT (sku, location, reason) DO UPDATE SET quantity = u.quantity + excluded.quantity;

-- name: moved_since
-- What movements after a moment changed, level by level in the order of the list.
SELECT coalesce((SELECT sum(m.on_hand_change) FROM inventory.movement AS m
                 WHERE m.sku = k.sku AND m.location = k.location AND m.occurred_at > k.as_of), 0)::int
FROM unnest(%(skus)s::bigint[], %(locations)s::bigint[], %(as_of)s::timestamptz[])
    WITH ORDINALITY AS k (sku, location, as_of, n)
ORDER BY k.n;

-- name: of_level
-- The ledger of one level, newest first.
SELECT id, location, version, on_hand_change, unavailable_change, quantity, cause, document, author,
       occurred_at, recorded_at, source
FROM inventory.movement
WHERE sku = %(sku)s::bigint AND location = %(location)s::bigint
  AND (version, id) < (coalesce(%(version)s::bigint, 9223372036854775807),
                       coalesce(%(id)s::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
ORDER BY version DESC, id DESC
LIMIT %(limit)s::int;

-- name: of_sku
-- The ledger of one SKU over all locations, or some, newest first.
SELECT id, location, version, on_hand_change, unavailable_change, quantity, cause, document, author,
       occurred_at, recorded_at, source
FROM inventory.movement
WHERE sku = %(sku)s::bigint AND id < coalesce(%(id)s::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
  AND (%(locations)s::bigint[] IS NULL OR location = ANY(%(locations)s::bigint[]))
ORDER BY id DESC
LIMIT %(limit)s::int;
