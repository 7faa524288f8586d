-- name: insert_batch
-- What this transaction told the others: the row that the stamper will give a position.
INSERT INTO core.batch (id, events) VALUES (%(id)s::uuid, %(events)s::int);
