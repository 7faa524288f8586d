-- name: insert
-- A note, with the next number of its order, which this transaction has locked.
INSERT INTO orders.note (order_id, n, at, author, text)
SELECT %(order)s::uuid,
       coalesce((SELECT max(n) FROM orders.note WHERE order_id = %(order)s::uuid), 0) + 1,
       %(at)s::timestamptz, %(author)s::text, %(text)s::text
RETURNING n;

-- name: of_order
-- What people noted about an order.
SELECT n AS note, at, author, text FROM orders.note WHERE order_id = %(order)s::uuid ORDER BY n;
