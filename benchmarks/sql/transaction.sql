-- One order as one SQL transaction: the rows that unisono writes, statement by statement.
\set a random(1, :skus)
\set b random(1, :skus)
\set sku1 least(:a, :b)
\set sku2 greatest(:a, :b)
\set loc random(1, :locations)
\set n random(1, 1000000000)
BEGIN;
INSERT INTO orders.order_key (channel, reference, order_id, content_hash) VALUES (1, gen_random_uuid()::text, gen_random_uuid(), '\x00112233445566778899aabbccddeeff') ON CONFLICT DO NOTHING RETURNING order_id AS id \gset
UPDATE inventory.stock_level SET committed = committed + 1, version = version + 1 WHERE sku = :sku1 AND location = :loc AND on_hand - unavailable - reserved - committed >= 1 RETURNING version;
UPDATE inventory.stock_level SET committed = committed + 1, version = version + 1 WHERE sku = :sku2 AND location = :loc AND on_hand - unavailable - reserved - committed >= 1 RETURNING version;
INSERT INTO orders.orders (id, number, channel, reference, state, holds, currency, delivery_option, customer, destination, goods_amount, delivery_amount, total_amount, placed_at) VALUES (:id, :n, 1, :id, 'open', '{}', 'EUR', 'home_standard', '{"name":"Zoé Martin","email":"zoe@example.org"}', '{"name":"Zoé Martin","street":"1 rue Bât","postal_code":"69001","city":"Lyon","country":"FR"}', 2250, 490, 2740, now());
INSERT INTO orders.order_line (order_id, n, sku, quantity, unit_price, unit_discount) VALUES (:id, 1, :sku1, 1, 1000, 0), (:id, 2, :sku2, 1, 1250, 0);
INSERT INTO orders.allocation (order_id, n, line, sku, quantity, location, state) VALUES (:id, 1, 1, :sku1, 1, :loc, 'allocated'), (:id, 2, 2, :sku2, 1, :loc, 'allocated');
INSERT INTO orders.decision (order_id, n, plan) VALUES (:id, 1, '{"method":"exact","cost":1000,"split_cost":150,"parcels":[{"location":1,"units":[[1,1],[2,1]],"weight_g":300,"shipping":400,"handling":275,"carrier":"post","service":"standard","zone":"near"}],"whole":[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40],[800,801,802,803,804,805,806,807,808,809,810,811,812,813,814,815,816,817,818,819,820,821,822,823,824,825,826,827,828,829,830,831,832,833,834,835,836,837,838,839]],"removed":{}}');
INSERT INTO inventory.claim (sku, holder, n, location, kind, quantity) VALUES (:sku1, :id, 1, :loc, 'committed', 1), (:sku2, :id, 2, :loc, 'committed', 1);
INSERT INTO core.event (aggregate, sequence, type, data, batch, ordinal) VALUES (:id, 1, 'order.created', '{"number":1,"channel":"web","reference":"x","state":"open","holds":[],"delivery_option":"home_standard","currency":"EUR","total":2740}', :id, 0);
INSERT INTO inventory.stock_change (batch, n, skus, locations, versions, free) VALUES (:id, 0, ARRAY[:sku1::bigint, :sku2], ARRAY[:loc::bigint, :loc], ARRAY[1::bigint,1], ARRAY[1,1]);
INSERT INTO core.batch (id, events) VALUES (:id, 1);
COMMIT;
