-- How much of what lies where, who claimed it, and every physical change.
-- Hot tables carry no foreign keys: a key share lock on one SKU's row would be taken by every order
-- of that SKU. The audit finds what a foreign key would have refused.

CREATE SCHEMA inventory;

CREATE TABLE inventory.stock_level (
    sku bigint NOT NULL,
    location bigint NOT NULL,
    on_hand int NOT NULL DEFAULT 0,
    unavailable int NOT NULL DEFAULT 0 CONSTRAINT unavailable_is_counted CHECK (unavailable >= 0),
    reserved int NOT NULL DEFAULT 0 CONSTRAINT reservations_are_counted CHECK (reserved >= 0),
    committed int NOT NULL DEFAULT 0 CONSTRAINT commitments_are_counted CHECK (committed >= 0),
    backordered int NOT NULL DEFAULT 0 CONSTRAINT backorders_are_counted CHECK (backordered >= 0),
    backorder_cap int NOT NULL DEFAULT 0 CONSTRAINT a_cap_is_a_quantity CHECK (backorder_cap >= 0),
    shortfall int NOT NULL DEFAULT 0 CONSTRAINT a_shortfall_is_a_quantity CHECK (shortfall >= 0),
    counted_as_of timestamptz,
    version bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (sku, location),
    CONSTRAINT nothing_is_sold_twice
        CHECK (reserved + committed <= on_hand - unavailable + backorder_cap + shortfall),
    CONSTRAINT backorders_are_commitments CHECK (backordered <= committed)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
COMMENT ON COLUMN inventory.stock_level.on_hand IS 'Physically there; negative after a till sale of what was not known to be there';
COMMENT ON COLUMN inventory.stock_level.shortfall IS 'What is firmly claimed beyond what is there, after a fact said so; claims never raise it';

CREATE TABLE inventory.claim (
    sku bigint NOT NULL,
    holder uuid NOT NULL,
    n int NOT NULL,
    location bigint NOT NULL,
    kind text NOT NULL CONSTRAINT a_claim_is_of_a_kind
        CHECK (kind IN ('reserved', 'committed', 'backordered')),
    quantity int NOT NULL CONSTRAINT a_claim_has_a_quantity CHECK (quantity > 0),
    pool bigint,
    inbound uuid,
    PRIMARY KEY (sku, holder, n)
);
COMMENT ON TABLE inventory.claim IS 'Open claims only; holder is an order or a reservation, n the allocation';

CREATE TABLE inventory.movement (
    sku bigint NOT NULL,
    id uuid NOT NULL,
    location bigint NOT NULL,
    version bigint NOT NULL,
    on_hand_change int NOT NULL,
    unavailable_change int NOT NULL,
    quantity int NOT NULL,
    cause text NOT NULL CONSTRAINT a_movement_has_a_known_cause
        CHECK (cause IN ('count', 'adjustment', 'shipment', 'collection', 'till_sale', 'not_found', 'damaged')),
    document text,
    author text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    source text,
    source_sequence bigint,
    PRIMARY KEY (sku, id)
);
COMMENT ON TABLE inventory.movement IS 'The ledger: every physical change, append-only; version is that of the level after it';
COMMENT ON COLUMN inventory.movement.quantity IS 'What the message said: the counted figure of a count, the units of anything else';
CREATE INDEX movement_level ON inventory.movement (sku, location, version);

CREATE TABLE inventory.unavailable (
    sku bigint NOT NULL,
    location bigint NOT NULL,
    reason text NOT NULL CONSTRAINT stock_is_unavailable_for_a_known_reason
        CHECK (reason IN ('damaged', 'quality_control', 'not_found')),
    quantity int NOT NULL CONSTRAINT an_unavailable_quantity_is_counted CHECK (quantity >= 0),
    PRIMARY KEY (sku, location, reason)
);

CREATE TABLE inventory.stock_change (
    batch uuid NOT NULL,
    n int NOT NULL,
    skus bigint[] NOT NULL,
    locations bigint[] NOT NULL,
    versions bigint[] NOT NULL,
    free int[] NOT NULL,
    PRIMARY KEY (batch, n)
);
COMMENT ON TABLE inventory.stock_change IS 'What a transaction made of the levels that it touched; free = on_hand - unavailable - reserved - committed';

CREATE FUNCTION inventory.ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the stock ledger is append-only: write a correcting movement';
END $$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON inventory.movement
    FOR EACH ROW EXECUTE FUNCTION inventory.ledger_is_append_only();
