-- That an office's software may file for a company. The state in the columns counts, not the one in the body.
CREATE TABLE delegations (
    id         TEXT    NOT NULL PRIMARY KEY,
    company    TEXT    NOT NULL,
    client_id  TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('active', 'ended')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER,
    ended_by   TEXT,
    changed_by TEXT,
    body       TEXT    NOT NULL,
    CHECK ((state = 'ended') = (ended_by IS NOT NULL AND ended_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX delegations_standing ON delegations (company, client_id) WHERE state = 'active';
CREATE INDEX delegations_of_company ON delegations (company, created_at DESC, id DESC);
