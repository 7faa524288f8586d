-- name: written_tables
-- Tables outside of the bookkeeping that something was written to at some time.
SELECT n.nspname || '.' || c.relname AS name
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'jobs')
  AND n.nspname || '.' || c.relname <> ALL(%(bookkeeping)s::text[])
  AND pg_catalog.pg_relation_size(c.oid) > 0
ORDER BY name;

-- name: drop_unfinished
-- What an interrupted restore left behind.
DROP DATABASE IF EXISTS unisono_restoring WITH (FORCE);

-- name: create_unfinished
-- Where a backup is restored to before it takes the place of the database.
CREATE DATABASE unisono_restoring TEMPLATE template0;

-- name: renaming
-- The statement that gives a database another name, quoted by the server itself.
SELECT format('ALTER DATABASE %%I RENAME TO %%I', %(old)s::text, %(new)s::text);

-- name: dropping
-- The statement that drops a database, quoted by the server itself.
SELECT format('DROP DATABASE %%I WITH (FORCE)', %(name)s::text);
