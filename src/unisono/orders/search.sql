-- name: known
-- What these orders are known by. Nullable: name, email.
SELECT id, number, reference, customer ->> 'name' AS name, customer ->> 'email' AS email
FROM orders.orders
WHERE id = ANY(%(ids)s::uuid[])
ORDER BY id;

-- name: bought
-- The SKUs of these orders.
SELECT DISTINCT order_id, sku FROM orders.order_line WHERE order_id = ANY(%(ids)s::uuid[]);

-- name: insert
-- The words of orders, those of each parted by blanks; what was kept before stays as it is.
INSERT INTO orders.search_entry (order_id, words)
SELECT e.order_id, array_to_tsvector(string_to_array(e.words, ' '))
FROM unnest(%(ids)s::uuid[], %(words)s::text[]) AS e (order_id, words)
ON CONFLICT DO NOTHING;
