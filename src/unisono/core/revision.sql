-- name: bump
-- The reference data of an area changes.
UPDATE core.revision SET number = number + 1 WHERE area = %(area)s::text;

-- name: current
-- The revision of every area.
SELECT area, number FROM core.revision;
