-- name: put
-- Makes or changes places, and returns those that are not as they were.
INSERT INTO network.place AS held (country, postal_code, name, latitude, longitude)
SELECT given.country, given.postal_code, given.name, given.latitude, given.longitude
FROM unnest(
    %(countries)s::text[], %(postal_codes)s::text[], %(names)s::text[], %(latitudes)s::float8[],
    %(longitudes)s::float8[]
) AS given (country, postal_code, name, latitude, longitude)
ON CONFLICT (country, postal_code) DO UPDATE
SET name = excluded.name, latitude = excluded.latitude, longitude = excluded.longitude, version = held.version + 1
WHERE (held.name, held.latitude, held.longitude)
    IS DISTINCT FROM (excluded.name, excluded.latitude, excluded.longitude)
RETURNING held.country, held.postal_code, held.version;

-- name: by_keys
-- Places by country and postal code.
SELECT p.country, p.postal_code, p.name, p.latitude, p.longitude, p.version
FROM unnest(%(countries)s::text[], %(postal_codes)s::text[]) AS asked (country, postal_code)
JOIN network.place AS p ON p.country = asked.country AND p.postal_code = asked.postal_code;

-- name: listing
-- Places by country and postal code, after one of them.
SELECT country, postal_code, name, latitude, longitude, version
FROM network.place
WHERE (%(after_country)s::text IS NULL
       OR (country, postal_code) > (%(after_country)s::text, %(after_postal_code)s::text))
  AND (%(country)s::text IS NULL OR country = %(country)s::text)
ORDER BY country, postal_code
LIMIT %(limit)s::int;

-- name: coordinates
-- Where every postal code is.
SELECT country, postal_code, latitude, longitude FROM network.place;
