-- name: next_blocks
-- The first numbers of blocks that nobody else has.
SELECT nextval('orders.number') FROM generate_series(1, %(blocks)s::int);
