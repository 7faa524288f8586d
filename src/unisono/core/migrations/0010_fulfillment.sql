-- What each location is asked to do, and the parcels that leave.

CREATE SCHEMA fulfillment;

CREATE TABLE fulfillment.fulfillment_order (
    order_id uuid NOT NULL,
    n int NOT NULL,
    location bigint NOT NULL,
    state text NOT NULL CONSTRAINT a_fulfillment_order_is_in_a_known_state
        CHECK (state IN ('open', 'accepted', 'picking', 'packed', 'shipped', 'ready_for_pickup',
                         'closed', 'rejected', 'incomplete', 'cancelled')),
    version bigint NOT NULL DEFAULT 1,
    delivery_option text NOT NULL,
    carrier text,
    service text,
    reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, n)
);
CREATE INDEX fulfillment_order_queue ON fulfillment.fulfillment_order (location, state, order_id, n);

CREATE TABLE fulfillment.package (
    order_id uuid NOT NULL,
    n int NOT NULL,
    fulfillment_order int NOT NULL,
    location bigint NOT NULL,
    state text NOT NULL CONSTRAINT a_package_is_in_a_known_state
        CHECK (state IN ('packed', 'shipped', 'delivered', 'cancelled')),
    weight_g int NOT NULL CONSTRAINT a_package_weighs_something CHECK (weight_g > 0),
    items jsonb NOT NULL,
    carrier text,
    service text,
    tracking_number text,
    shipping_cost bigint,
    handling_cost bigint NOT NULL DEFAULT 0,
    packed_at timestamptz NOT NULL DEFAULT now(),
    shipped_at timestamptz,
    delivered_at timestamptz,
    PRIMARY KEY (order_id, n)
);
COMMENT ON COLUMN fulfillment.package.items IS 'Allocation numbers and quantities; an allocation is in one package only';
COMMENT ON COLUMN fulfillment.package.shipping_cost IS 'The tariff of carrier, zone and true weight, in minor units of the cost currency';

CREATE TABLE fulfillment.tracking_number (
    carrier text NOT NULL,
    tracking_number text NOT NULL,
    order_id uuid NOT NULL,
    package int NOT NULL,
    PRIMARY KEY (carrier, tracking_number)
);
COMMENT ON TABLE fulfillment.tracking_number IS 'A carrier''s number belongs to one package';

CREATE TABLE fulfillment.carrier_fact (
    order_id uuid NOT NULL,
    package int NOT NULL,
    milestone text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (order_id, package, milestone, at)
);
COMMENT ON TABLE fulfillment.carrier_fact IS 'What carriers told of packages, so that what is told twice changes nothing';
