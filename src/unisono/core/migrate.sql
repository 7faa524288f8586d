-- name: lock_migrations
-- Waits until no other starter is migrating.
SELECT pg_advisory_lock(hashtext('unisono.migrate'));

-- name: unlock_migrations
-- Lets the next starter go on.
SELECT pg_advisory_unlock(hashtext('unisono.migrate'));

-- name: create_ledger
-- Where applied steps are remembered; outside of the schemas that the steps make.
CREATE TABLE IF NOT EXISTS public.unisono_migration (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: applied
-- The steps that were applied.
SELECT name, checksum FROM public.unisono_migration;

-- name: record_step
-- This step is done.
INSERT INTO public.unisono_migration (name, checksum) VALUES (%(name)s::text, %(checksum)s::text);

-- name: set_lock_timeout
-- A step gives up when a table stays locked, instead of stopping all traffic behind it.
SELECT set_config('lock_timeout', %(value)s::text, true);

-- name: enter_jobs_schema
-- The job queue's own schema, which its package expects to be first on the path.
CREATE SCHEMA jobs;
SET LOCAL search_path = jobs, public;

-- name: tune_jobs
-- The job table churns: clean it early.
ALTER TABLE jobs.procrastinate_jobs SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);

-- name: leave_jobs_schema
-- Back to the usual path.
SET LOCAL search_path = public;
