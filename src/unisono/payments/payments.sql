-- name: record
-- Payments that were not known yet.
INSERT INTO payments.payment (order_id, reference, state, amount, currency, received_at)
SELECT p.order_id, p.reference, 'captured', p.amount, p.currency, p.received_at
FROM unnest(%(orders)s::uuid[], %(references)s::text[], %(amounts)s::bigint[], %(currencies)s::text[],
            %(received_at)s::timestamptz[]) AS p (order_id, reference, amount, currency, received_at)
ON CONFLICT DO NOTHING
RETURNING order_id, reference;

-- name: of_order
-- The payments of an order.
SELECT order_id, reference, amount, currency, received_at
FROM payments.payment
WHERE order_id = %(order)s::uuid
ORDER BY received_at, reference;
