-- What every area stands on: revisions of reference data, events and their positions, listeners,
-- answers that are remembered, secrets.

CREATE SCHEMA core;

CREATE TABLE core.revision (
    area text PRIMARY KEY,
    number bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE core.revision IS 'Raised by every change of an area''s reference data, so that processes know what to read again';
INSERT INTO core.revision (area) VALUES ('network'), ('catalog'), ('channels');

CREATE TABLE core.event (
    aggregate uuid NOT NULL,
    sequence bigint NOT NULL CONSTRAINT sequences_count_from_one CHECK (sequence > 0),
    type text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    data jsonb NOT NULL,
    batch uuid NOT NULL,
    ordinal int NOT NULL,
    PRIMARY KEY (aggregate, sequence)
);
COMMENT ON TABLE core.event IS 'Facts; sequence is the version of the aggregate after the fact, dense from 1';
CREATE INDEX event_batch ON core.event (batch, ordinal);

CREATE TABLE core.batch (
    id uuid PRIMARY KEY,
    events int NOT NULL CONSTRAINT events_are_counted CHECK (events >= 0),
    stamped boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE core.batch IS 'One row per transaction that told something: how many events it wrote';
CREATE INDEX batch_waiting ON core.batch (id) WHERE NOT stamped;

CREATE TABLE core.event_position (
    position bigint PRIMARY KEY,
    batch uuid NOT NULL UNIQUE,
    width int NOT NULL CONSTRAINT a_batch_holds_a_position CHECK (width > 0)
);
COMMENT ON TABLE core.event_position IS 'The public order, given after commit: a batch holds the positions from its own to position + width - 1';

CREATE TABLE core.subscription (
    name text PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    attempts int NOT NULL DEFAULT 0,
    failure text
);
COMMENT ON TABLE core.subscription IS 'How far each listener has come: everything up to position is done';

CREATE TABLE core.dead_letter (
    subscription text NOT NULL,
    aggregate uuid NOT NULL,
    sequence bigint NOT NULL,
    failure text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subscription, aggregate, sequence)
);
COMMENT ON TABLE core.dead_letter IS 'Events that a listener could not digest, with the reason';

CREATE TABLE core.idempotency (
    principal uuid NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status int,
    headers jsonb,
    response bytea,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, route, key)
);
COMMENT ON TABLE core.idempotency IS 'The answer given to an Idempotency-Key; written in the transaction of the change itself';
CREATE INDEX idempotency_age ON core.idempotency (at);

CREATE TABLE core.secret (
    name text PRIMARY KEY,
    value bytea NOT NULL
);
COMMENT ON TABLE core.secret IS 'Random keys that this installation made for itself';
