-- Establishments of companies, sealed each under a key of its own, and the codes by which founders open them.
CREATE TABLE establishments (
    id              TEXT   NOT NULL PRIMARY KEY,
    client_id       TEXT   NOT NULL,
    idempotency_key BYTEA NOT NULL,
    created_at      BIGINT NOT NULL,
    due_at          BIGINT,
    kept_from       BIGINT,
    version         BIGINT NOT NULL DEFAULT 0,
    body            TEXT   NOT NULL,
    UNIQUE (client_id, idempotency_key)
);
CREATE INDEX establishments_by_client ON establishments (client_id, created_at, id);
CREATE INDEX establishments_due ON establishments (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX establishments_by_age ON establishments (kept_from) WHERE kept_from IS NOT NULL;
CREATE TABLE establishment_codes (
    digest           BYTEA NOT NULL PRIMARY KEY,
    establishment_id TEXT   NOT NULL,
    place            BIGINT NOT NULL
);
CREATE INDEX establishment_codes_of ON establishment_codes (establishment_id);
