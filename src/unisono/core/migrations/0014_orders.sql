-- Finding orders by what people know of them, and what people note about them.

CREATE TABLE orders.search_entry (
    order_id uuid PRIMARY KEY,
    words tsvector NOT NULL
);
COMMENT ON TABLE orders.search_entry IS 'Folded words by which an order is found; its customer''s name and address are among them, and are erased with them';
CREATE INDEX search_entry_words ON orders.search_entry USING gin (words);

CREATE TABLE orders.note (
    order_id uuid NOT NULL,
    n int NOT NULL,
    at timestamptz NOT NULL,
    author text NOT NULL,
    text text NOT NULL CONSTRAINT a_note_says_something CHECK (text <> ''),
    PRIMARY KEY (order_id, n)
);
COMMENT ON TABLE orders.note IS 'What people noted about an order; personal data may be among it';

CREATE INDEX orders_listing ON orders.orders (channel, state, placed_at, id);
CREATE INDEX allocation_location ON orders.allocation (location, order_id);
