-- What customers asked for, and where each quantity of it stands.

CREATE SCHEMA orders;

CREATE SEQUENCE orders.number INCREMENT BY 1000 START WITH 100001;
COMMENT ON SEQUENCE orders.number IS 'Each process takes a thousand order numbers at a time';

CREATE TABLE orders.order_key (
    channel bigint NOT NULL,
    reference text NOT NULL,
    order_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    PRIMARY KEY (channel, reference)
);
COMMENT ON TABLE orders.order_key IS 'A channel''s reference is captured once; the hash tells a repeat from a conflict';

CREATE TABLE orders.orders (
    id uuid PRIMARY KEY,
    number bigint NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    channel bigint NOT NULL,
    reference text NOT NULL,
    state text NOT NULL CONSTRAINT an_order_is_in_a_known_state
        CHECK (state IN ('on_hold', 'open', 'partially_fulfilled', 'fulfilled', 'cancelled')),
    holds text[] NOT NULL DEFAULT '{}',
    currency text NOT NULL,
    delivery_option text NOT NULL CONSTRAINT a_delivery_option_is_known
        CHECK (delivery_option IN ('home_standard', 'home_express', 'click_and_collect', 'in_store')),
    location bigint CONSTRAINT goods_are_collected_somewhere
        CHECK ((delivery_option IN ('click_and_collect', 'in_store')) = (location IS NOT NULL)),
    customer jsonb NOT NULL,
    destination jsonb,
    goods_amount bigint NOT NULL,
    delivery_amount bigint NOT NULL,
    total_amount bigint NOT NULL,
    placed_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT the_total_is_the_sum CHECK (total_amount = goods_amount + delivery_amount),
    CONSTRAINT an_order_on_hold_has_a_reason CHECK ((state = 'on_hold') <= (cardinality(holds) > 0))
);
CREATE INDEX orders_number ON orders.orders (number);

CREATE TABLE orders.order_line (
    order_id uuid NOT NULL,
    n int NOT NULL,
    sku bigint NOT NULL,
    quantity int NOT NULL CONSTRAINT a_line_has_a_quantity CHECK (quantity > 0),
    unit_price bigint NOT NULL CONSTRAINT a_price_is_not_negative CHECK (unit_price >= 0),
    unit_discount bigint NOT NULL DEFAULT 0 CONSTRAINT a_discount_is_within_the_price
        CHECK (unit_discount BETWEEN 0 AND unit_price),
    PRIMARY KEY (order_id, n)
);

CREATE TABLE orders.allocation (
    order_id uuid NOT NULL,
    n int NOT NULL,
    line int NOT NULL,
    sku bigint NOT NULL,
    quantity int NOT NULL CONSTRAINT an_allocation_has_a_quantity CHECK (quantity > 0),
    location bigint,
    state text NOT NULL CONSTRAINT an_allocation_is_in_a_known_state
        CHECK (state IN ('open', 'allocated', 'released', 'picked', 'packed', 'shipped', 'delivered',
                         'ready_for_pickup', 'picked_up', 'cancelled')),
    fulfillment_order int,
    reason text,
    declined bigint[] NOT NULL DEFAULT '{}',
    attempts int NOT NULL DEFAULT 0,
    retry_at timestamptz,
    PRIMARY KEY (order_id, n),
    CONSTRAINT what_is_at_work_has_a_place CHECK (location IS NOT NULL OR state IN ('open', 'cancelled')),
    CONSTRAINT what_has_no_place_has_a_reason CHECK (state <> 'open' OR reason IS NOT NULL)
);
COMMENT ON COLUMN orders.allocation.declined IS 'Locations that rejected or could not find it: they are not asked again';
COMMENT ON COLUMN orders.allocation.retry_at IS 'When sourcing of an open allocation is tried again';
CREATE INDEX allocation_parked ON orders.allocation (retry_at) WHERE state = 'open';

CREATE TABLE orders.decision (
    order_id uuid NOT NULL,
    n int NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    plan jsonb NOT NULL,
    PRIMARY KEY (order_id, n)
);
COMMENT ON TABLE orders.decision IS 'Why each sourcing plan was chosen: every candidate with its cost or the constraint that removed it';
