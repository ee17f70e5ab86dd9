-- Certificates of employment, sealed each under a key of its own.
CREATE TABLE employment_certificates (
    id             TEXT    NOT NULL PRIMARY KEY,
    client_id      TEXT    NOT NULL,
    key            BYTEA   NOT NULL,
    digest         BYTEA   NOT NULL,
    reference      BYTEA   NOT NULL UNIQUE,
    municipality   TEXT    NOT NULL,
    issued_at      BIGINT  NOT NULL,
    revoked_at     BIGINT ,
    revoked_because TEXT,
    openings       BIGINT  NOT NULL DEFAULT 0,
    opened_at      BIGINT ,
    body           TEXT    NOT NULL,
    UNIQUE (client_id, key)
);
CREATE INDEX employment_certificates_by_client ON employment_certificates (client_id, issued_at, id);
CREATE INDEX employment_certificates_by_age ON employment_certificates (issued_at);
