-- name: insert_batch
-- What this transaction told the others: the row that the stamper will give a position.
INSERT INTO core.batch (id, events) VALUES (%(id)s::uuid, %(events)s::int);

-- name: begin
-- A transaction begins.
BEGIN;

-- name: commit
-- Everything of it holds from now on.
COMMIT;

-- name: rollback
-- Nothing of it ever was.
ROLLBACK;
