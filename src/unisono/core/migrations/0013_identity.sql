-- Signing in: sessions of people, how wrong tries are slowed down, and who changed whose rights.

ALTER TABLE identity.person ADD COLUMN active boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN identity.person.active IS 'Who was switched off cannot sign in, and stays known for what he did';

CREATE TABLE identity.session (
    hash bytea PRIMARY KEY,
    person uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT a_session_ends_after_its_begin CHECK (expires_at > created_at)
);
COMMENT ON COLUMN identity.session.hash IS 'SHA-256 of the 256 random bits in the cookie; they are never stored';
COMMENT ON COLUMN identity.session.last_seen_at IS 'Written once a minute at most';
COMMENT ON COLUMN identity.session.expires_at IS 'Moves with every use, up to a last moment that does not move';
CREATE INDEX session_person ON identity.session (person);

CREATE TABLE identity.sign_in_try (
    address_hash bytea PRIMARY KEY,
    wrong int NOT NULL CONSTRAINT only_wrong_tries_are_kept CHECK (wrong > 0),
    tried_at timestamptz NOT NULL
);
COMMENT ON COLUMN identity.sign_in_try.address_hash IS 'SHA-256 of the e-mail address that was typed; it may be nobody''s, or not even an address';
COMMENT ON COLUMN identity.sign_in_try.wrong IS 'Tries in a row since the last that succeeded; one under way counts as wrong until it succeeds';

CREATE TABLE identity.audit_entry (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    act text NOT NULL CONSTRAINT an_act_is_one_of_these CHECK (act IN (
        'person_added', 'person_changed', 'person_switched_off', 'person_switched_on', 'password_set',
        'key_added', 'key_rotated', 'key_ended', 'signed_in', 'signed_out', 'sessions_ended'
    )),
    subject text NOT NULL
);
COMMENT ON COLUMN identity.audit_entry.actor IS 'Name of the person or key that did it';
COMMENT ON COLUMN identity.audit_entry.subject IS 'E-mail address of the person, or name of the key, that it was done to';
