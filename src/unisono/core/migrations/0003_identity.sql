-- Who may do what: people and the keys of programs.

CREATE SCHEMA identity;

CREATE TABLE identity.person (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL CONSTRAINT a_role_is_one_of_these
        CHECK (role IN ('administrator', 'operations', 'service', 'store')),
    locations text[] NOT NULL DEFAULT '{}' CONSTRAINT store_people_have_a_store
        CHECK (role <> 'store' OR cardinality(locations) > 0),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN identity.person.email IS 'Folded to lower case by the application';

CREATE TABLE identity.api_key (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL CONSTRAINT a_key_has_a_scope CHECK (cardinality(scopes) > 0),
    locations text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz
);
COMMENT ON COLUMN identity.api_key.hash IS 'SHA-256 of the 256-bit random key; the key itself is never stored';
COMMENT ON COLUMN identity.api_key.locations IS 'Codes of the only locations whose work and stock the key may touch; empty means all';
COMMENT ON COLUMN identity.api_key.expires_at IS 'A rotated key lives on until then, so that its user can change over';
CREATE INDEX api_key_name ON identity.api_key (name);
