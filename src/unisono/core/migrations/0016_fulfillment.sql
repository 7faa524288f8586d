-- What left a location today, for the list of what is done.
-- A package leaves with its carrier, or with the customer who collects it.

CREATE INDEX package_left ON fulfillment.package (location, (coalesce(shipped_at, delivered_at)))
WHERE coalesce(shipped_at, delivered_at) IS NOT NULL;
