-- name: put
-- Makes or changes a calendar; no row when it is as it was.
INSERT INTO network.calendar AS held (code, name, weekly, holidays, exceptions)
VALUES (%(code)s::text, %(name)s::text, %(weekly)s::text::jsonb, %(holidays)s::text, %(exceptions)s::text::jsonb)
ON CONFLICT (code) DO UPDATE
SET name = excluded.name, weekly = excluded.weekly, holidays = excluded.holidays,
    exceptions = excluded.exceptions, version = held.version + 1
WHERE (held.name, held.weekly, held.holidays, held.exceptions)
    IS DISTINCT FROM (excluded.name, excluded.weekly, excluded.holidays, excluded.exceptions)
RETURNING held.version;

-- name: lock
-- The version of a calendar, which nobody changes until this transaction ends.
SELECT version FROM network.calendar WHERE code = %(code)s::text FOR UPDATE;

-- name: by_code
-- A calendar. Nullable: holidays.
SELECT code, name, weekly, holidays, exceptions, version FROM network.calendar WHERE code = %(code)s::text;

-- name: listing
-- Calendars in the order of their codes, after one of them. Nullable: holidays.
SELECT code, name, weekly, holidays, exceptions, version
FROM network.calendar
WHERE %(after)s::text IS NULL OR code > %(after)s::text
ORDER BY code
LIMIT %(limit)s::int;

-- name: every
-- Every calendar. Nullable: holidays.
SELECT code, name, weekly, holidays, exceptions, version FROM network.calendar;
