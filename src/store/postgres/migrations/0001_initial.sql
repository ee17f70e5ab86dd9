-- Identifiers are compared byte by byte, whatever the database's locale.
-- Texts are JSON bodies beside the columns that are searched; moments are milliseconds since 1970; digests are SHA-256.

CREATE TABLE clients (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body       TEXT             NOT NULL,
    updated_at BIGINT           NOT NULL
);

CREATE TABLE subjects (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    upstream_issuer  TEXT             NOT NULL,
    upstream_subject TEXT             NOT NULL,
    UNIQUE (upstream_issuer, upstream_subject)
);

-- A used request stays marked until it is purged, so that it cannot be used twice.
CREATE TABLE pushed_requests (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    body       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX pushed_requests_over ON pushed_requests (expires_at);

CREATE TABLE interactions (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    step       BIGINT           NOT NULL,
    body       TEXT             NOT NULL,
    expires_at BIGINT           NOT NULL
);
CREATE INDEX interactions_over ON interactions (expires_at);

-- The grant as it was made is in the body; its state, which changes, is in the columns.
CREATE TABLE grants (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id  TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C",
    state      TEXT             NOT NULL CHECK (state IN ('active', 'revoked')),
    revoked_at BIGINT,
    revoked_by TEXT,
    created_at BIGINT           NOT NULL,
    expires_at BIGINT           NOT NULL,
    body       TEXT             NOT NULL,
    CHECK ((state = 'revoked') = (revoked_at IS NOT NULL AND revoked_by IS NOT NULL))
);
CREATE INDEX grants_of_subject ON grants (subject_id, created_at DESC, id DESC) WHERE subject_id IS NOT NULL;
CREATE INDEX grants_without_subject ON grants (expires_at) WHERE subject_id IS NULL;

-- A taken code stays while its grant is in force, so that a second use is recognised.
CREATE TABLE codes (
    digest     BYTEA            NOT NULL PRIMARY KEY,
    grant_id   TEXT COLLATE "C" NOT NULL,
    body       TEXT             NOT NULL,
    expires_at BIGINT           NOT NULL,
    taken_at   BIGINT
);
CREATE INDEX codes_of_grant ON codes (grant_id);
CREATE INDEX codes_over ON codes (expires_at);

CREATE TABLE refresh_tokens (
    digest     BYTEA            NOT NULL PRIMARY KEY,
    grant_id   TEXT COLLATE "C" NOT NULL,
    client_id  TEXT COLLATE "C" NOT NULL,
    issued_at  BIGINT           NOT NULL,
    expires_at BIGINT           NOT NULL
);
CREATE INDEX refresh_tokens_of_grant ON refresh_tokens (grant_id);
CREATE INDEX refresh_tokens_over ON refresh_tokens (expires_at);

CREATE TABLE assertions (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX assertions_over ON assertions (expires_at);

-- The state in the column counts, not the one in the body. A result is there only while the state is 'completed'.
CREATE TABLE requests (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id        TEXT COLLATE "C" NOT NULL,
    grant_id         TEXT COLLATE "C" NOT NULL,
    idempotency_key  BYTEA,
    idempotency_body BYTEA,
    state            TEXT             NOT NULL
        CHECK (state IN ('accepted', 'completed', 'delivered', 'cancelled', 'expired')),
    lease_owner      TEXT             NOT NULL,
    lease_until      BIGINT           NOT NULL,
    expires_at       BIGINT           NOT NULL,
    body             TEXT             NOT NULL,
    result           BYTEA,
    CHECK ((state = 'completed') = (result IS NOT NULL)),
    CHECK ((idempotency_key IS NULL) = (idempotency_body IS NULL))
);
CREATE UNIQUE INDEX requests_by_key ON requests (client_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX requests_to_lease ON requests (lease_until) WHERE state = 'accepted';
CREATE INDEX requests_open_of_grant ON requests (grant_id) WHERE state IN ('accepted', 'completed');
CREATE INDEX requests_open_over ON requests (expires_at) WHERE state IN ('accepted', 'completed');
CREATE INDEX requests_final_over ON requests (expires_at) WHERE state NOT IN ('accepted', 'completed');

CREATE TABLE accesses (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at         BIGINT           NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    body       TEXT             NOT NULL
);
CREATE INDEX accesses_of_subject ON accesses (subject_id, at DESC, id DESC);

CREATE TABLE keys (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    purpose     TEXT             NOT NULL,
    sealed      BYTEA            NOT NULL,
    created_at  BIGINT           NOT NULL,
    active_from BIGINT           NOT NULL,
    retired_at  BIGINT
);

CREATE TABLE sessions (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    body       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_over ON sessions (expires_at);
