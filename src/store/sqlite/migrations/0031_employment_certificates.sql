-- Certificates of employment, sealed each under a key of its own.
CREATE TABLE employment_certificates (
    id             TEXT    NOT NULL PRIMARY KEY,
    client_id      TEXT    NOT NULL,
    key            BLOB    NOT NULL,
    digest         BLOB    NOT NULL,
    reference      BLOB    NOT NULL UNIQUE,
    municipality   TEXT    NOT NULL,
    issued_at      INTEGER NOT NULL,
    revoked_at     INTEGER,
    revoked_because TEXT,
    openings       INTEGER NOT NULL DEFAULT 0,
    opened_at      INTEGER,
    body           TEXT    NOT NULL,
    UNIQUE (client_id, key)
) STRICT;
CREATE INDEX employment_certificates_by_client ON employment_certificates (client_id, issued_at, id);
CREATE INDEX employment_certificates_by_age ON employment_certificates (issued_at);
