-- name: put
-- Makes or changes locations, and returns those that are not as they were.
INSERT INTO network.location AS held (
    code, name, name_folded, kind, status, site, legal_entity, street, postal_code, city, country, latitude,
    longitude, time_zone, calendar, ships, collects, line_cost, parcel_cost
)
SELECT given.code, given.name, given.name_folded, given.kind, given.status, given.site, given.legal_entity,
       given.street, given.postal_code, given.city, given.country, given.latitude, given.longitude, given.time_zone,
       given.calendar, given.ships, given.collects, given.line_cost, given.parcel_cost
FROM unnest(
    %(code)s::text[], %(name)s::text[], %(name_folded)s::text[], %(kind)s::text[], %(status)s::text[],
    %(site)s::text[], %(legal_entity)s::text[], %(street)s::text[], %(postal_code)s::text[], %(city)s::text[],
    %(country)s::text[], %(latitude)s::float8[], %(longitude)s::float8[], %(time_zone)s::text[],
    %(calendar)s::text[], %(ships)s::bool[], %(collects)s::bool[], %(line_cost)s::bigint[],
    %(parcel_cost)s::bigint[]
) AS given (
    code, name, name_folded, kind, status, site, legal_entity, street, postal_code, city, country, latitude,
    longitude, time_zone, calendar, ships, collects, line_cost, parcel_cost
)
ON CONFLICT (code) DO UPDATE
SET name = excluded.name, name_folded = excluded.name_folded, kind = excluded.kind, status = excluded.status,
    site = excluded.site, legal_entity = excluded.legal_entity, street = excluded.street,
    postal_code = excluded.postal_code, city = excluded.city, country = excluded.country,
    latitude = excluded.latitude, longitude = excluded.longitude, time_zone = excluded.time_zone,
    calendar = excluded.calendar, ships = excluded.ships, collects = excluded.collects,
    line_cost = excluded.line_cost, parcel_cost = excluded.parcel_cost, version = held.version + 1
WHERE (held.name, held.kind, held.status, held.site, held.legal_entity, held.street, held.postal_code, held.city,
       held.country, held.latitude, held.longitude, held.time_zone, held.calendar, held.ships, held.collects,
       held.line_cost, held.parcel_cost)
    IS DISTINCT FROM
      (excluded.name, excluded.kind, excluded.status, excluded.site, excluded.legal_entity, excluded.street,
       excluded.postal_code, excluded.city, excluded.country, excluded.latitude, excluded.longitude,
       excluded.time_zone, excluded.calendar, excluded.ships, excluded.collects, excluded.line_cost,
       excluded.parcel_cost)
RETURNING held.code, held.version;

-- name: lock
-- The version of a location, which nobody changes until this transaction ends.
SELECT version FROM network.location WHERE code = %(code)s::text FOR UPDATE;

-- name: existing
-- Those of these codes that a location has.
SELECT code FROM network.location WHERE code = ANY(%(codes)s::text[]);

-- name: existing_calendars
-- Those of these codes that a calendar has.
SELECT code FROM network.calendar WHERE code = ANY(%(codes)s::text[]);

-- name: by_codes
-- Locations by code. Nullable: site, legal_entity, calendar.
SELECT id, code, name, kind, status, site, legal_entity, street, postal_code, city, country, latitude, longitude,
       time_zone, calendar, ships, collects, line_cost, parcel_cost, version
FROM network.location
WHERE code = ANY(%(codes)s::text[]);

-- name: listing
-- Locations in the order of their codes, after one of them. Nullable: site, legal_entity, calendar.
SELECT id, code, name, kind, status, site, legal_entity, street, postal_code, city, country, latitude, longitude,
       time_zone, calendar, ships, collects, line_cost, parcel_cost, version
FROM network.location
WHERE (%(after)s::text IS NULL OR code > %(after)s::text)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
  AND (%(status)s::text IS NULL OR status = %(status)s::text)
  AND (%(search)s::text IS NULL
       OR position(%(search)s::text IN name_folded) > 0
       OR position(%(search)s::text IN lower(code)) > 0)
ORDER BY code
LIMIT %(limit)s::int;

-- name: every
-- Every location, in the order of ids. Nullable: site, legal_entity, calendar.
SELECT id, code, name, kind, status, site, legal_entity, street, postal_code, city, country, latitude, longitude,
       time_zone, calendar, ships, collects, line_cost, parcel_cost, version
FROM network.location
ORDER BY id;
