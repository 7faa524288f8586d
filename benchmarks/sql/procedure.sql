-- The same rows as one stored procedure call.
CREATE OR REPLACE FUNCTION public.place_order(sku1 bigint, sku2 bigint, loc bigint, n bigint) RETURNS void LANGUAGE plpgsql AS $$
<<made>>
DECLARE
    id uuid := gen_random_uuid();
BEGIN
    INSERT INTO orders.order_key (channel, reference, order_id, content_hash) VALUES (1, made.id::text, made.id, '\x00112233445566778899aabbccddeeff') ON CONFLICT DO NOTHING;
    UPDATE inventory.stock_level SET committed = committed + 1, version = version + 1 WHERE sku = place_order.sku1 AND location = place_order.loc AND on_hand - unavailable - reserved - committed >= 1;
    IF NOT FOUND THEN RAISE EXCEPTION 'short'; END IF;
    UPDATE inventory.stock_level SET committed = committed + 1, version = version + 1 WHERE sku = place_order.sku2 AND location = place_order.loc AND on_hand - unavailable - reserved - committed >= 1;
    IF NOT FOUND THEN RAISE EXCEPTION 'short'; END IF;
    INSERT INTO orders.orders (id, number, channel, reference, state, holds, currency, delivery_option, customer, destination, goods_amount, delivery_amount, total_amount, placed_at) VALUES (made.id, place_order.n, 1, made.id, 'open', '{}', 'EUR', 'home_standard', '{"name":"Zoé Martin","email":"zoe@example.org"}', '{"name":"Zoé Martin","street":"1 rue Bât","postal_code":"69001","city":"Lyon","country":"FR"}', 2250, 490, 2740, now());
    INSERT INTO orders.order_line (order_id, n, sku, quantity, unit_price, unit_discount) VALUES (made.id, 1, place_order.sku1, 1, 1000, 0), (made.id, 2, place_order.sku2, 1, 1250, 0);
    INSERT INTO orders.allocation (order_id, n, line, sku, quantity, location, state) VALUES (made.id, 1, 1, place_order.sku1, 1, place_order.loc, 'allocated'), (made.id, 2, 2, place_order.sku2, 1, place_order.loc, 'allocated');
    INSERT INTO orders.decision (order_id, n, plan) VALUES (made.id, 1, '{"method":"exact","cost":1000,"split_cost":150,"parcels":[{"location":1,"units":[[1,1],[2,1]],"weight_g":300,"shipping":400,"handling":275,"carrier":"post","service":"standard","zone":"near"}],"whole":[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40],[800,801,802,803,804,805,806,807,808,809,810,811,812,813,814,815,816,817,818,819,820,821,822,823,824,825,826,827,828,829,830,831,832,833,834,835,836,837,838,839]],"removed":{}}');
    INSERT INTO inventory.claim (sku, holder, n, location, kind, quantity) VALUES (place_order.sku1, made.id, 1, place_order.loc, 'committed', 1), (place_order.sku2, made.id, 2, place_order.loc, 'committed', 1);
    INSERT INTO core.event (aggregate, sequence, type, data, batch, ordinal) VALUES (made.id, 1, 'order.created', '{"number":1,"channel":"web","reference":"x","state":"open","holds":[],"delivery_option":"home_standard","currency":"EUR","total":2740}', made.id, 0);
    INSERT INTO inventory.stock_change (batch, n, skus, locations, versions, free) VALUES (made.id, 0, ARRAY[place_order.sku1::bigint, place_order.sku2], ARRAY[place_order.loc::bigint, place_order.loc], ARRAY[1::bigint,1], ARRAY[1,1]);
    INSERT INTO core.batch (id, events) VALUES (made.id, 1);
END made $$;
