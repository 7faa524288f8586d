-- Money that was received for orders.

CREATE SCHEMA payments;

CREATE TABLE payments.payment (
    order_id uuid NOT NULL,
    reference text NOT NULL,
    state text NOT NULL CONSTRAINT a_payment_is_in_a_known_state CHECK (state IN ('captured')),
    amount bigint NOT NULL CONSTRAINT a_payment_has_an_amount CHECK (amount > 0),
    currency text NOT NULL,
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, reference)
);
COMMENT ON COLUMN payments.payment.reference IS 'The provider''s own reference: the same payment is told once or many times, and counted once';
