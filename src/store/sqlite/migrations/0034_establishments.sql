-- Establishments of companies, sealed each under a key of its own, and the codes by which founders open them.
CREATE TABLE establishments (
    id              TEXT   NOT NULL PRIMARY KEY,
    client_id       TEXT   NOT NULL,
    idempotency_key BLOB NOT NULL,
    created_at      INTEGER NOT NULL,
    due_at          INTEGER,
    kept_from       INTEGER,
    version         INTEGER NOT NULL DEFAULT 0,
    body            TEXT   NOT NULL,
    UNIQUE (client_id, idempotency_key)
) STRICT;
CREATE INDEX establishments_by_client ON establishments (client_id, created_at, id);
CREATE INDEX establishments_due ON establishments (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX establishments_by_age ON establishments (kept_from) WHERE kept_from IS NOT NULL;
CREATE TABLE establishment_codes (
    digest           BLOB NOT NULL PRIMARY KEY,
    establishment_id TEXT   NOT NULL,
    place            INTEGER NOT NULL
) STRICT;
CREATE INDEX establishment_codes_of ON establishment_codes (establishment_id);
