-- name: insert_orders
-- Captured orders.
INSERT INTO orders.orders (id, number, channel, reference, state, holds, currency, delivery_option, location,
                           customer, destination, goods_amount, delivery_amount, total_amount, placed_at)
SELECT o.id, o.number, o.channel, o.reference, o.state, string_to_array(o.holds, ','), o.currency, o.option, o.location,
       o.customer::jsonb, o.destination::jsonb, o.goods, o.delivery, o.goods + o.delivery, o.placed_at
FROM unnest(%(ids)s::uuid[], %(numbers)s::bigint[], %(channels)s::bigint[], %(references)s::text[], %(states)s::text[],
            %(holds)s::text[], %(currencies)s::text[], %(options)s::text[], %(locations)s::bigint[],
            %(customers)s::text[], %(destinations)s::text[], %(goods)s::bigint[], %(deliveries)s::bigint[],
            %(placed_at)s::timestamptz[])
    AS o (id, number, channel, reference, state, holds, currency, option, location, customer, destination, goods,
          delivery, placed_at);

-- name: insert_lines
-- What was ordered.
INSERT INTO orders.order_line (order_id, n, sku, quantity, unit_price, unit_discount)
SELECT * FROM unnest(%(ids)s::uuid[], %(ns)s::int[], %(skus)s::bigint[], %(quantities)s::int[], %(prices)s::bigint[],
                     %(discounts)s::bigint[]);

-- name: insert_allocations
-- Where each quantity of it comes from.
INSERT INTO orders.allocation (order_id, n, line, sku, quantity, location, state, reason, retry_at)
SELECT * FROM unnest(%(ids)s::uuid[], %(ns)s::int[], %(lines)s::int[], %(skus)s::bigint[], %(quantities)s::int[],
                     %(locations)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(retry_at)s::timestamptz[]);

-- name: insert_decisions
-- Why it comes from there.
INSERT INTO orders.decision (order_id, n, plan)
SELECT d.order_id, 1, d.plan::jsonb FROM unnest(%(ids)s::uuid[], %(plans)s::text[]) AS d (order_id, plan);
