-- What the customer is told: one timeline per order.

CREATE SCHEMA tracking;

CREATE TABLE tracking.tracking_event (
    order_id uuid NOT NULL,
    sequence bigint NOT NULL,
    milestone text NOT NULL,
    package int,
    location bigint,
    at timestamptz NOT NULL,
    PRIMARY KEY (order_id, sequence)
);
COMMENT ON COLUMN tracking.tracking_event.sequence IS 'That of the event it was drawn from, so that drawing it twice changes nothing';
