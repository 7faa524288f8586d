-- name: insert_events
-- The events of this transaction, numbered in their batch.
INSERT INTO core.event (aggregate, sequence, type, data, batch, ordinal)
SELECT e.aggregate, e.sequence, e.type, e.data::jsonb, %(batch)s::uuid, %(first)s::int + e.n::int - 1
FROM unnest(%(aggregates)s::uuid[], %(sequences)s::bigint[], %(types)s::text[], %(data)s::text[])
    WITH ORDINALITY AS e (aggregate, sequence, type, data, n);

-- name: told
-- How many events these aggregates told, and the sequence of the last.
SELECT aggregate, count(*), max(sequence) FROM core.event WHERE aggregate = ANY(%(aggregates)s::uuid[]) GROUP BY aggregate;

-- name: of_aggregate
-- Everything that was told of an aggregate, in order.
SELECT sequence, type, at, data FROM core.event WHERE aggregate = %(aggregate)s::uuid ORDER BY sequence;
